"""The charsets that every mail program knows; in any other one, readers see different things."""

from itertools import chain

_UTF8 = "utf-8"
# What browsers and mail programs do with each label (the Encoding Standard): the Windows charsets
# contain the ISO ones whose names they stand behind.
_CODECS = {
    **dict.fromkeys(("utf-8", "utf8"), _UTF8),
    **dict.fromkeys(("iso-8859-1", "iso8859-1", "iso_8859-1", "latin1", "latin-1"), "cp1252"),
    **{f"iso-8859-{n}": f"iso8859-{n}" for n in chain(range(2, 9), (10, 13, 14, 15, 16))},
    **dict.fromkeys(("iso-8859-6-e", "iso-8859-6-i"), "iso8859-6"),
    **dict.fromkeys(("iso-8859-8-e", "iso-8859-8-i"), "iso8859-8"),
    "iso-8859-9": "cp1254",
    **dict.fromkeys(("iso-8859-11", "tis-620", "windows-874"), "cp874"),
    **{f"{prefix}{n}": f"cp{n}" for prefix in ("windows-", "cp") for n in range(1250, 1259)},
    **{name: name for name in ("koi8-r", "koi8-u", "big5", "gb18030", "euc-jp", "iso-2022-jp")},
    **dict.fromkeys(("gb2312", "gbk"), "gb18030"),
    **dict.fromkeys(("shift_jis", "shift-jis", "sjis", "windows-31j"), "cp932"),
    **dict.fromkeys(("euc-kr", "ks_c_5601-1987"), "cp949"),
}
_PLAIN = ("", "us-ascii", "ascii")


def is_known(charset: str) -> bool:
    name = charset.strip().lower()
    return name in _PLAIN or name in _CODECS


def decoded(data: bytes, charset: str) -> str | None:
    """Give bytes in the charset that they claim; None if not every mail program reads the same.

    Bytes beyond ASCII that claim no charset must be UTF-8.
    """
    name = charset.strip().lower()
    codec = _UTF8 if name in _PLAIN else _CODECS.get(name)
    try:
        return None if codec is None else data.decode(codec)
    except UnicodeDecodeError:
        return None
