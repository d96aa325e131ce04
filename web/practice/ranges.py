"""A part of something that is made at the moment it is asked for, as browsers ask that play sound (RFC 9110, 14)."""

import re

from fastapi import Request, Response

_ONE = re.compile(r"bytes=(\d{0,15})-(\d{0,15})")


def ranged(request: Request, content: bytes, media_type: str) -> Response:
    """All of it, the one range that was asked for (206), or 416 for one that begins behind the end.

    Several ranges, or what is no range, are answered with the whole.
    """
    headers = {"Accept-Ranges": "bytes"}
    asked = _ONE.fullmatch(request.headers.get("range", "").strip())
    if asked is None or (not asked[1] and not asked[2]):
        return Response(content, media_type=media_type, headers=headers)
    whole = len(content)
    if asked[1]:
        first, last = int(asked[1]), min(int(asked[2]) if asked[2] else whole - 1, whole - 1)
        if asked[2] and int(asked[2]) < first:
            return Response(content, media_type=media_type, headers=headers)
    else:
        first, last = max(0, whole - int(asked[2])), whole - 1
    if first >= whole or last < first:
        return Response(status_code=416, headers=headers | {"Content-Range": f"bytes */{whole}"})
    headers["Content-Range"] = f"bytes {first}-{last}/{whole}"
    return Response(content[first : last + 1], 206, media_type=media_type, headers=headers)
