"""Asterisk's manager interface, for the few actions that ARI lacks."""

from telephony.ami.client import AmiClient
from telephony.ami.errors import AmiBadValue, AmiError, AmiNotFound, AmiRefused, AmiUnreachable

__all__ = ["AmiBadValue", "AmiClient", "AmiError", "AmiNotFound", "AmiRefused", "AmiUnreachable"]
