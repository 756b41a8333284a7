"""The table of downstream.py as a picture: each arm with its interval, and below it the shares and the noise."""

from html import escape

WIDTH, LEFT, RIGHT, ROW, TOP = 860, 300, 90, 30, 70
BLUE, GREY = "#0969da", "#57606a"


def figure(bars):
    """SVG of (group, label, mean, half of the 95 % interval) in their order; shares from 0 to 1."""
    parts, y, group = [], TOP, None
    for title, label, middle, half in bars:
        if title != group:
            parts.append(_text(20, y + 16, title, "font-weight='600'"))
            y, group = y + 28, title
        parts.append(_bar(y, label, middle, half))
        y += ROW
    height = y + 20
    ticks = "".join(
        f"<path d='M{_x(share)} {TOP - 8}V{y}' stroke='#d0d7de'/>"
        + _text(_x(share), TOP - 14, f"{share:.0%}", f"text-anchor='middle' fill='{GREY}'")
        for share in (0, 0.25, 0.5, 0.75, 1)
    )
    return (
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {WIDTH} {height}' role='img' aria-labelledby='t d' "
        "font-family=\"system-ui, -apple-system, 'Segoe UI', 'DejaVu Sans', sans-serif\" font-size='14'>\n"
        "<title id='t'>Success on held-out templates, by what a model learned from</title>\n"
        f"<desc id='d'>{escape('; '.join(f'{label}: {middle:.0%}' for _, label, middle, _ in bars))}</desc>\n"
        f"<rect width='{WIDTH}' height='{height}' rx='12' fill='#ffffff'/>\n<g fill='#24292f'>\n"
        + _text(20, 32, "Success on held-out templates: mean over seeds, 95 % intervals", "font-weight='600'")
        + ticks
        + "\n".join(parts)
        + "\n</g>\n</svg>\n"
    )


def _bar(y, label, middle, half):
    low, high = max(0, middle - half), min(1, middle + half)
    return (
        _text(LEFT - 12, y + 16, label, "text-anchor='end'")
        + f"<rect x='{LEFT}' y='{y + 3}' width='{_x(middle) - LEFT:.1f}' height='18' rx='3' fill='#54aeff'/>"
        + f"<path d='M{_x(low):.1f} {y + 12}H{_x(high):.1f}M{_x(low):.1f} {y + 7}v10M{_x(high):.1f} {y + 7}v10' "
        + f"stroke='{BLUE}' stroke-width='2' fill='none'/>"
        + _text(WIDTH - RIGHT + 16, y + 16, f"{middle:.1%}", f"fill='{GREY}'")
    )


def _x(share):
    return LEFT + share * (WIDTH - LEFT - RIGHT)


def _text(x, y, text, more):
    return f"<text x='{x}' y='{y}' {more}>{escape(text)}</text>\n"
