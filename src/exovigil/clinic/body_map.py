"""The face and body map as drawings: one shape a region of ``places.regions()``.

Coordinates are in the units of each view's own box. Shapes of the patient's right are drawn; those of the left
are their mirror image. Seen from the front the patient's left is on the viewer's right, from behind on the left.
"""

import itertools
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from exovigil.clinic import places

_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
_ROUND = 0.5523  # how far the control points of a Bezier curve stand out to draw a quarter of an ellipse


@dataclass(frozen=True, slots=True)
class Shape:
    """One region of a view: SVG path data, whether it is chosen, and what is to be said of it.

    ``mark`` is drawn in the middle of it, ``note`` stands beside its name.
    """

    code: str
    label: str
    path: str
    chosen: bool
    mark: str = ""
    note: str = ""

    @property
    def centre(self) -> tuple[float, float]:
        """Middle of its box."""
        numbers = [float(n) for n in _NUMBER.findall(self.path)]
        xs, ys = numbers[::2], numbers[1::2]
        return round((min(xs) + max(xs)) / 2, 1), round((min(ys) + max(ys)) / 2, 1)


@dataclass(frozen=True, slots=True)
class MapView:
    """One drawing: its outline, its regions, and which side of the picture is the patient's right."""

    name: str
    label: str
    width: int
    height: int
    skin: tuple[str, ...]
    shapes: tuple[Shape, ...]
    right_is_left: bool

    @property
    def chosen(self) -> tuple[Shape, ...]:
        """The chosen regions."""
        return tuple(shape for shape in self.shapes if shape.chosen)

    @property
    def sides(self) -> tuple[str, str]:
        """Letters for the left and the right edge of the picture, naming the patient's sides."""
        return ("R", "L") if self.right_is_left else ("L", "R")


def body_map(
    chosen: Collection[str] = (), said: Mapping[str, tuple[str, str]] | None = None
) -> tuple[MapView, ...]:
    """Draw face, body front and body back with the chosen region codes marked; ``said`` is mark and note by code."""
    return tuple(_view(name, set(chosen), said or {}) for name in _VIEWS)


def labels(codes: Collection[str]) -> list[str]:
    """Names of region codes in the order of the map; a code no longer listed stays as it is."""
    known = {region.code: region.label for region in places.regions()}
    ordered = [code for code in known if code in codes]
    return [known[code] for code in ordered] + sorted(set(codes) - set(known))


def _view(name: str, chosen: set[str], said: Mapping[str, tuple[str, str]]) -> MapView:
    label, width, height, skin, drawn = _VIEWS[name]
    shapes = tuple(
        Shape(
            region.code,
            region.label,
            _path(region, width, drawn),
            region.code in chosen,
            *said.get(region.code, ("", "")),
        )
        for region in places.regions()
        if region.view == name
    )
    return MapView(name, label, width, height, skin, shapes, right_is_left=name != "body back")


def _path(region: places.Region, width: int, drawn: dict[str, str]) -> str:
    """Path of a region; side ones are drawn on the left of the picture and mirrored for the other side."""
    if region.side == "middle":
        return drawn[region.code]
    path = drawn[region.code.replace("_left", "_side").replace("_right", "_side")]
    on_the_left = (region.side == "right") == (region.view != "body back")
    return path if on_the_left else _mirror(path, width)


def _mirror(path: str, width: int) -> str:
    """Reflect absolute M, L and C path data about the vertical middle of the box."""
    numbers = itertools.count()

    def swap(match: re.Match[str]) -> str:
        is_x = next(numbers) % 2 == 0
        return f"{width - float(match[0]):g}" if is_x else match[0]

    return _NUMBER.sub(swap, path)


def _ellipse(x: float, y: float, rx: float, ry: float) -> str:
    kx, ky = rx * _ROUND, ry * _ROUND
    points = (
        (x - rx, y - ky, x - kx, y - ry, x, y - ry),
        (x + kx, y - ry, x + rx, y - ky, x + rx, y),
        (x + rx, y + ky, x + kx, y + ry, x, y + ry),
        (x - kx, y + ry, x - rx, y + ky, x - rx, y),
    )
    curves = " ".join("C " + " ".join(f"{n:.1f}" for n in curve) for curve in points)
    return f"M {x - rx:g} {y:g} {curves} Z"


_ARM = "M 82 84 C 66 86 62 104 60 130 L 50 196 L 46 230 L 60 234 L 69 198 L 79 142 L 83 112 Z"
_HAND = _ellipse(51, 246, 10, 14)
_LEG = "M 85 234 L 117 242 L 116 330 L 111 430 L 95 430 L 89 330 Z"
_FOOT = _ellipse(101, 444, 13, 11)
_NECK = "M 109 63 L 131 63 L 134 79 L 106 79 Z"
_TORSO = (
    "M 84 80 C 98 76 142 76 156 80 L 160 120 L 152 170 L 158 228 C 148 246 92 246 82 228 L 88 170 L 80 120 Z"
)
_BODY_SKIN = (
    _ellipse(120, 38, 22, 28),
    _NECK,
    *(part for side in (_ARM, _HAND, _LEG, _FOOT) for part in (side, _mirror(side, 240))),
    _TORSO,
)
_FACE_SKIN = (
    _ellipse(33, 150, 11, 25),
    _ellipse(207, 150, 11, 25),
    "M 120 14 C 62 14 36 72 38 142 C 40 212 76 296 120 300 C 164 296 200 212 202 142 C 204 72 178 14 120 14 Z",
)
_FACE = {
    "forehead": "M 60 86 C 66 50 92 32 120 32 C 148 32 174 50 180 86 L 136 96 L 104 96 Z",
    "glabella": "M 108 100 L 132 100 L 129 126 L 111 126 Z",
    "temple_side": "M 46 94 L 58 92 L 58 132 L 43 140 C 42 124 43 108 46 94 Z",
    "periorbital_side": _ellipse(83, 122, 22, 16),
    "nose": "M 112 130 L 128 130 L 139 178 C 132 188 108 188 101 178 Z",
    "cheek_side": "M 44 146 C 62 142 88 146 104 142 L 97 178 L 90 208 C 74 208 60 200 52 190 C 47 176 45 160 44 146 Z",
    "perioral": "M 98 194 C 108 189 132 189 142 194 L 148 222 C 138 234 102 234 92 222 Z",
    "chin": "M 101 240 C 111 237 129 237 139 240 L 142 282 C 132 292 108 292 98 282 Z",
    "jawline_side": "M 54 198 C 62 208 76 213 88 214 L 96 240 L 94 280 C 74 258 60 230 54 198 Z",
    "ear_side": _ellipse(31, 150, 9, 23),
}
_FRONT = {
    "scalp_front": "M 99 34 C 101 4 139 4 141 34 C 130 24 110 24 99 34 Z",
    "neck": _NECK,
    "decolletage": "M 90 83 C 104 79 136 79 150 83 L 153 104 L 87 104 Z",
    "breast_side": "M 86 108 L 118 108 L 118 140 C 108 147 92 145 86 134 Z",
    "abdomen": "M 90 150 L 150 150 L 148 172 L 152 206 L 88 206 L 92 172 Z",
    "genital": "M 104 211 L 136 211 L 126 240 L 114 240 Z",
    "arm_side_front": _ARM,
    "leg_side_front": _LEG,
    "foot_side": _FOOT,
}
_BACK = {
    "scalp_crown": "M 100 30 C 104 6 136 6 140 30 C 128 23 112 23 100 30 Z",
    "scalp_back": "M 99 34 C 112 27 128 27 141 34 C 142 50 132 62 120 62 C 108 62 98 50 99 34 Z",
    "neck_back": _NECK,
    "back_upper": "M 88 83 C 102 79 138 79 152 83 L 155 140 L 85 140 Z",
    "back_lower": "M 87 145 L 153 145 L 149 172 L 153 196 L 87 196 L 91 172 Z",
    "buttock_side": "M 86 201 L 118 201 L 118 238 C 104 243 90 240 84 230 Z",
    "hand_side": _HAND,
    "arm_side_back": _ARM,
    "leg_side_back": _LEG,
}
_VIEWS: dict[str, tuple[str, int, int, tuple[str, ...], dict[str, str]]] = {
    "face": ("Face", 240, 312, _FACE_SKIN, _FACE),
    "body front": ("Body, front", 240, 464, _BODY_SKIN, _FRONT),
    "body back": ("Body, back", 240, 464, _BODY_SKIN, _BACK),
}
