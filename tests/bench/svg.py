# SPDX-License-Identifier: GPL-2.0-or-later
"""Charts as SVG, written by hand: bars of one quantity beside each other, and lines as something grows."""
import html
import math

FONT = "font-family=\"'DejaVu Sans', Helvetica, Arial, sans-serif\""
OWN_COLOUR = "#1f6feb"
COLOURS = (OWN_COLOUR, "#d9822b", "#2b9348", "#8e44ad")
PEER_COLOUR = "#9aa5b1"
INK, FAINT, GRID = "#1b1f24", "#5f6b76", "#e3e7eb"


def text(x, y, words, size=12, colour=INK, anchor="start", weight="normal"):
	return (f'<text x="{x:.1f}" y="{y:.1f}" {FONT} font-size="{size}" fill="{colour}" text-anchor="{anchor}" '
		f'font-weight="{weight}">{html.escape(words)}</text>')


def box(x, y, width, height, colour):
	return f'<rect x="{x:.1f}" y="{y:.1f}" width="{max(width, 1):.1f}" height="{height:.1f}" rx="2" fill="{colour}"/>'


def line(x1, y1, x2, y2, colour, width=1.0):
	return (f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}" '
		f'stroke-width="{width}" stroke-linecap="round"/>')


def document(width, height, title, parts):
	return "\n".join([f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
		f'viewBox="0 0 {width} {height}" role="img">', f"<title>{html.escape(title)}</title>",
		f'<rect width="{width}" height="{height}" fill="#ffffff"/>', *parts, "</svg>", ""])


def figure(value):
	"""Three digits that count, thousands apart."""
	if value == 0:
		return "0"
	digits = max(0, 2 - math.floor(math.log10(abs(value))))
	return f"{value:,.{digits}f}"


def nice_ticks(top, n=4):
	"""Round numbers from 0 to TOP or a little above."""
	step = 10 ** math.floor(math.log10(top / n))
	step *= next(factor for factor in (1, 2, 2.5, 5, 10) if step * factor * n >= top * 0.999)
	return [i * step for i in range(math.ceil(top / step * 0.999) + 1)]


class Bars:
	"""Horizontal bars with the spread of each. bars: (label, median, lowest, highest, remark), ours first."""

	WIDTH, LABEL, ROW, HEAD = 760, 190, 30, 50

	def __init__(self, title, note, unit, bars):
		self.title, self.note, self.unit, self.bars = title, note, unit, bars
		self.height = self.HEAD + self.ROW * len(bars) + 14

	def draw(self, top):
		parts = [text(16, top + 22, self.title, 14, weight="bold"), text(16, top + 39, self.note, 11, FAINT)]
		room = self.WIDTH - self.LABEL - 260
		scale = room / max(bar[3] for bar in self.bars)
		y = top + self.HEAD
		for i, (label, median, low, high, remark) in enumerate(self.bars):
			middle = y + self.ROW / 2 - 3
			parts += [text(self.LABEL - 10, middle + 4, label, 12, anchor="end", weight="normal" if i else "bold"),
				box(self.LABEL, y, median * scale, self.ROW - 8, PEER_COLOUR if i else OWN_COLOUR)]
			if high > low:
				parts += [line(self.LABEL + low * scale, middle, self.LABEL + high * scale, middle, INK, 1.2)]
				parts += [line(self.LABEL + at * scale, middle - 4, self.LABEL + at * scale, middle + 4, INK, 1.2)
					for at in (low, high)]
			parts.append(text(self.LABEL + high * scale + 10, middle + 4, f"{figure(median)} {self.unit}", 12,
				weight="normal" if i else "bold"))
			parts.append(text(self.WIDTH - 16, middle + 4, remark, 11, FAINT, "end"))
			y += self.ROW
		return parts


class Lines:
	"""Medians as points on lines, with their spread. lines: {label: [(x, median, lowest, highest)]}; the numbers below are
	evenly apart, for they grow in factors."""

	WIDTH, HEIGHT = 380, 270
	LEFT, RIGHT, TOP, BOTTOM = 58, 16, 66, 44

	def __init__(self, title, note, grows, lines):
		self.title, self.note, self.grows, self.lines = title, note, grows, lines

	def draw(self, left, top):
		xs = sorted({point[0] for points in self.lines.values() for point in points})
		ticks = nice_ticks(max(point[3] for points in self.lines.values() for point in points))
		width, height = self.WIDTH - self.LEFT - self.RIGHT, self.HEIGHT - self.TOP - self.BOTTOM
		x_of = {x: left + self.LEFT + width * (i + 0.5) / len(xs) for i, x in enumerate(xs)}
		bottom = top + self.TOP + height

		def y_of(value):
			return bottom - height * value / ticks[-1]

		parts = [text(left + 12, top + 20, self.title, 13, weight="bold"), text(left + 12, top + 36, self.note, 11, FAINT)]
		for tick in ticks:
			parts.append(line(left + self.LEFT, y_of(tick), left + self.WIDTH - self.RIGHT, y_of(tick), GRID))
			parts.append(text(left + self.LEFT - 8, y_of(tick) + 4, f"{tick:,.4g}" if tick < 1000 else f"{tick:,.0f}", 10, FAINT,
				"end"))
		for x in xs:
			parts.append(text(x_of[x], bottom + 16, str(x), 11, FAINT, "middle"))
		parts.append(text(left + self.LEFT + width / 2, bottom + 34, self.grows, 11, FAINT, "middle"))
		at = left + self.LEFT
		for (label, points), colour in zip(self.lines.items(), COLOURS):
			path = " ".join(f"{x_of[x]:.1f},{y_of(median):.1f}" for x, median, _, _ in points)
			parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2" stroke-linejoin="round"/>')
			for x, median, low, high in points:
				parts.append(line(x_of[x], y_of(low), x_of[x], y_of(high), colour, 1.2))
				parts.append(f'<circle cx="{x_of[x]:.1f}" cy="{y_of(median):.1f}" r="3.5" fill="{colour}"/>')
			parts += [box(at, top + 46, 12, 9, colour), text(at + 17, top + 55, label, 11)]
			at += 32 + 6.6 * len(label)
		return parts
