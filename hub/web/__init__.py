"""The pages: server-rendered, usable without JavaScript; they know disclosure and oversight, not the API."""

from hub.signin import SignIn
from hub.web.routes import router
from hub.web.services import Officer, Reads, WebServices

__all__ = ["Officer", "Reads", "SignIn", "WebServices", "router"]
