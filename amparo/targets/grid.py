"""From longitude and latitude, as a browser or a map gives them, to the British National Grid."""

from __future__ import annotations

from math import atan2, cos, hypot, radians, sin, sqrt, tan

# Ordnance Survey, "A guide to coordinate systems in Great Britain" (2020): ellipsoids in annex A, the projection in
# annex A.2, the transformation in section 6.6. It is right to about 5 m, a hundredth of the doubt of our outlines.
_WGS84 = (6_378_137.0, 6_356_752.3141)
_AIRY = (6_377_563.396, 6_356_256.909)
_SHIFT = (-446.448, 125.157, -542.060)
_TURN = tuple(radians(seconds / 3600) for seconds in (-0.1502, -0.2470, -0.8421))
_SCALE = 20.4894e-6
_ORIGIN = (radians(49.0), radians(-2.0))
_FALSE = (400_000.0, -100_000.0)
_MERIDIAN_SCALE = 0.9996012717


def to_british_grid(longitude: float, latitude: float) -> tuple[float, float]:
    """Easting and northing in meters (EPSG:27700) of a point in degrees (EPSG:4326)."""
    return _project(*_shift_datum(radians(latitude), radians(longitude)))


def _shift_datum(phi: float, lam: float) -> tuple[float, float]:
    """The same point on the ellipsoid of the British grid: over Cartesian coordinates, by a Helmert transformation."""
    a, b = _WGS84
    squared = 1 - (b / a) ** 2
    nu = a / sqrt(1 - squared * sin(phi) ** 2)
    x, y, z = nu * cos(phi) * cos(lam), nu * cos(phi) * sin(lam), nu * (1 - squared) * sin(phi)
    (tx, ty, tz), (rx, ry, rz), scale = _SHIFT, _TURN, 1 + _SCALE
    x, y, z = (
        tx + scale * x - rz * y + ry * z,
        ty + rz * x + scale * y - rx * z,
        tz - ry * x + rx * y + scale * z,
    )
    a, b = _AIRY
    squared = 1 - (b / a) ** 2
    across = hypot(x, y)
    phi = atan2(z, across * (1 - squared))
    for _step in range(6):
        nu = a / sqrt(1 - squared * sin(phi) ** 2)
        phi = atan2(z + squared * nu * sin(phi), across)
    return phi, atan2(y, x)


def _project(phi: float, lam: float) -> tuple[float, float]:
    """The transverse Mercator projection of the grid; the names are those of annex C.1."""
    a, b = _AIRY
    squared = 1 - (b / a) ** 2
    phi_0, lam_0 = _ORIGIN
    nu = a * _MERIDIAN_SCALE / sqrt(1 - squared * sin(phi) ** 2)
    rho = a * _MERIDIAN_SCALE * (1 - squared) / (1 - squared * sin(phi) ** 2) ** 1.5
    eta = nu / rho - 1
    t, c, s, away = tan(phi), cos(phi), sin(phi), lam - lam_0
    one = _meridian_arc(phi, phi_0) + _FALSE[1]
    two = nu / 2 * s * c
    three = nu / 24 * s * c**3 * (5 - t**2 + 9 * eta)
    three_a = nu / 720 * s * c**5 * (61 - 58 * t**2 + t**4)
    four = nu * c
    five = nu / 6 * c**3 * (nu / rho - t**2)
    six = nu / 120 * c**5 * (5 - 18 * t**2 + t**4 + 14 * eta - 58 * t**2 * eta)
    northing = one + two * away**2 + three * away**4 + three_a * away**6
    easting = _FALSE[0] + four * away + five * away**3 + six * away**5
    return easting, northing


def _meridian_arc(phi: float, phi_0: float) -> float:
    a, b = _AIRY
    n = (a - b) / (a + b)
    less, more = phi - phi_0, phi + phi_0
    return (
        b
        * _MERIDIAN_SCALE
        * (
            (1 + n + 5 / 4 * n**2 + 5 / 4 * n**3) * less
            - (3 * n + 3 * n**2 + 21 / 8 * n**3) * sin(less) * cos(more)
            + (15 / 8 * n**2 + 15 / 8 * n**3) * sin(2 * less) * cos(2 * more)
            - 35 / 24 * n**3 * sin(3 * less) * cos(3 * more)
        )
    )
