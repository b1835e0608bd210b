# SPDX-License-Identifier: GPL-2.0-or-later
# After installing, and after removing, what desktops keep of the files under a prefix is made anew, by
# each tool that is here. Not for a package's staging folder: there it is for the package manager.
if(NOT DEFINED ENV{DESTDIR})
  set(share ${CMAKE_INSTALL_PREFIX}/share)
  # update-mime-database looks for what has gone, too, but not without the folder that it was in.
  if(IS_DIRECTORY ${share}/mime)
    file(MAKE_DIRECTORY ${share}/mime/packages)
  endif()
  foreach(refresh
      "glib-compile-schemas|${share}/glib-2.0/schemas"
      "update-desktop-database|-q|${share}/applications"
      "update-mime-database|${share}/mime"
      "gtk-update-icon-cache|-q|-t|-f|${share}/icons/hicolor")
    string(REPLACE "|" ";" command "${refresh}")
    list(POP_FRONT command tool)
    list(GET command -1 folder)
    find_program(program_${tool} ${tool})
    if(program_${tool} AND IS_DIRECTORY ${folder})
      execute_process(COMMAND ${program_${tool}} ${command} RESULT_VARIABLE status ERROR_VARIABLE said)
      if(status)
        message(WARNING "${tool} failed, so the desktop may not see the viewer yet: ${said}")
      endif()
    endif()
  endforeach()
endif()
