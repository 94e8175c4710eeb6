"""A portrait of somebody who does not exist, in a few calm shapes, so that no real face stands for a prisoner."""

from __future__ import annotations

import io

from PIL import Image, ImageChops, ImageDraw, ImageFilter

SIZE = (960, 1200)
#: Drawn three times as large and made smaller, for smooth edges.
FINE = 3

_WALL, _WALL_SHADE = "#d9cdb8", "#cdbfa6"
_SKY, _SEA, _FRAME = "#b7cbd0", "#7f9ea6", "#f1e9da"
_HAIR, _HAIR_LIGHT = "#3a2d2a", "#4c3b36"
_SKIN, _SKIN_SHADE = "#cf9d7c", "#b98566"
_KNIT, _KNIT_SHADE, _SHIRT = "#a5502f", "#8b4126", "#efe6d6"
_WHITE, _IRIS, _INK = "#f4ece2", "#5d4636", "#2b211e"
_GLASSES, _LIPS = "#39332f", "#a2604f"

Box = tuple[float, float, float, float]
Point = tuple[float, float]


class _Sheet:
    """Shapes in the measure of the finished picture."""

    def __init__(self) -> None:
        self.image = Image.new("RGB", (SIZE[0] * FINE, SIZE[1] * FINE), _WALL)
        self._pen = ImageDraw.Draw(self.image)

    def oval(self, box: Box, fill: str) -> None:
        self._pen.ellipse([side * FINE for side in box], fill=fill)

    def block(self, box: Box, fill: str, *, round: float = 0) -> None:
        self._pen.rounded_rectangle([side * FINE for side in box], radius=round * FINE, fill=fill)

    def area(self, points: list[tuple[float, float]], fill: str) -> None:
        self._pen.polygon([(x * FINE, y * FINE) for x, y in points], fill=fill)

    def bow(self, box: Box, start: float, end: float, fill: str, width: float) -> None:
        self._pen.arc([side * FINE for side in box], start, end, fill=fill, width=round(width * FINE))

    def crescent(self, whole: Box, left_out: Box, fill: str) -> None:
        """What of one oval lies outside another, with a soft edge."""
        shade = Image.new("L", self.image.size, 0)
        pen = ImageDraw.Draw(shade)
        pen.ellipse([side * FINE for side in whole], fill=255)
        pen.ellipse([side * FINE for side in left_out], fill=0)
        inside = Image.new("L", self.image.size, 0)
        ImageDraw.Draw(inside).ellipse([side * FINE for side in whole], fill=255)
        soft = ImageChops.multiply(shade.filter(ImageFilter.GaussianBlur(9 * FINE)), inside)
        self.image.paste(Image.new("RGB", self.image.size, fill), mask=soft)

    def line(self, points: list[tuple[float, float]], fill: str, width: float) -> None:
        self._pen.line(
            [(x * FINE, y * FINE) for x, y in points], fill=fill, width=round(width * FINE), joint="curve"
        )

    def soften(self, radius: float) -> None:
        self.image = self.image.filter(ImageFilter.GaussianBlur(radius * FINE))
        self._pen = ImageDraw.Draw(self.image)


def _curve(start: Point, bend: Point, end: Point) -> list[Point]:
    """Points along a quadratic Bézier curve."""
    return [
        (
            (1 - t) ** 2 * start[0] + 2 * (1 - t) * t * bend[0] + t**2 * end[0],
            (1 - t) ** 2 * start[1] + 2 * (1 - t) * t * bend[1] + t**2 * end[1],
        )
        for t in (step / 40 for step in range(41))
    ]


def draw() -> bytes:
    """The picture as WebP, below 40 KB."""
    sheet = _Sheet()
    _room(sheet)
    _shoulders(sheet)
    _head(sheet)
    _face(sheet)
    finished = sheet.image.resize(SIZE, Image.Resampling.LANCZOS)
    file = io.BytesIO()
    finished.save(file, "WEBP", quality=82, method=6)
    return file.getvalue()


def _room(sheet: _Sheet) -> None:
    """A wall with the light of a window on it, and the window with the sea."""
    sheet.area([(0, 0), (960, 0), (960, 1200), (0, 1200)], _WALL)
    sheet.area([(0, 760), (960, 560), (960, 1200), (0, 1200)], _WALL_SHADE)
    sheet.soften(26)
    sheet.block((560, 90, 900, 560), _FRAME, round=6)
    sheet.block((582, 112, 878, 538), _SKY)
    sheet.area([(582, 380), (878, 372), (878, 538), (582, 538)], _SEA)
    sheet.line([(600, 420), (690, 416)], _SKY, 4)
    sheet.line([(770, 450), (860, 445)], _SKY, 4)
    sheet.area([(640, 380), (668, 380), (654, 330)], _FRAME)
    sheet.block((722, 100, 738, 550), _FRAME)
    sheet.block((570, 300, 890, 314), _FRAME)


def _shoulders(sheet: _Sheet) -> None:
    sheet.oval((96, 925, 864, 1780), _KNIT)
    sheet.area([(392, 870), (568, 870), (604, 1010), (480, 1230), (356, 1010)], _SHIRT)
    sheet.area([(358, 932), (316, 1000), (468, 1240), (498, 1240)], _KNIT_SHADE)
    sheet.area([(602, 932), (644, 1000), (492, 1240), (462, 1240)], _KNIT_SHADE)
    sheet.block((412, 760, 548, 960), _SKIN_SHADE, round=60)
    sheet.area([(414, 925), (546, 925), (480, 1015)], _SKIN_SHADE)


def _head(sheet: _Sheet) -> None:
    sheet.oval((282, 300, 678, 760), _HAIR)
    sheet.area(
        [(282, 520), (678, 520), (690, 742), (648, 792), (600, 800), (360, 800), (312, 792), (270, 742)],
        _HAIR,
    )
    sheet.oval((270, 690, 372, 806), _HAIR)
    sheet.oval((588, 690, 690, 806), _HAIR)
    sheet.oval((322, 384, 638, 862), _SKIN)
    # The shaded side, away from the window.
    sheet.crescent((322, 384, 638, 862), (352, 372, 690, 850), _SKIN_SHADE)
    # The fringe, parted on one side.
    parting = (452, 404)
    left = [*_curve((322, 640), (372, 470), parting), (470, 300), (330, 380), (296, 520)]
    right = [*_curve(parting, (588, 462), (638, 640)), (664, 520), (640, 380), (470, 300)]
    sheet.area(left, _HAIR)
    sheet.area(right, _HAIR)
    sheet.bow((318, 322, 668, 700), 262, 318, _HAIR_LIGHT, 7)
    sheet.bow((340, 344, 650, 700), 268, 312, _HAIR_LIGHT, 5)


def _face(sheet: _Sheet) -> None:
    for left in (358, 498):
        sheet.oval((left + 24, 612, left + 80, 642), _WHITE)
        sheet.oval((left + 38, 610, left + 68, 644), _IRIS)
        sheet.oval((left + 46, 618, left + 60, 634), _INK)
        sheet.oval((left + 55, 617, left + 61, 623), _WHITE)
        sheet.bow((left + 20, 604, left + 84, 660), 200, 340, _INK, 6)
        sheet.bow((left, 574, left + 104, 682), 0, 360, _GLASSES, 7)
    sheet.bow((362, 552, 462, 606), 212, 318, _HAIR, 9)
    sheet.bow((498, 552, 598, 606), 222, 328, _HAIR, 9)
    sheet.bow((456, 610, 504, 650), 205, 335, _GLASSES, 7)
    sheet.line([(360, 618), (332, 606)], _GLASSES, 6)
    sheet.line([(600, 618), (628, 606)], _GLASSES, 6)
    sheet.line([(486, 640), (496, 700)], _SKIN_SHADE, 6)
    sheet.bow((460, 676, 506, 722), 20, 165, _SKIN_SHADE, 7)
    sheet.bow((428, 700, 532, 782), 38, 142, _LIPS, 9)
    sheet.bow((452, 760, 508, 800), 50, 130, _SKIN_SHADE, 5)
