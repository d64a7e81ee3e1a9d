"""Token -> Principal: who is asking, found out through the directory as it is now."""

from hub.signin.bearer import Bearer
from hub.signin.code_flow import CodeFlow, SignIn, UnderWay
from hub.signin.external import ExternalIssuer, ExternalTokens
from hub.signin.issuer import DevelopmentIssuer
from hub.signin.oauth import OAuthAnswer, Parameters
from hub.signin.token_endpoint import TokenEndpoint
from hub.signin.tokens import AccessTokens, TokenSubject, derived_key

__all__ = [
    "AccessTokens",
    "Bearer",
    "CodeFlow",
    "DevelopmentIssuer",
    "ExternalIssuer",
    "ExternalTokens",
    "OAuthAnswer",
    "Parameters",
    "SignIn",
    "TokenEndpoint",
    "TokenSubject",
    "UnderWay",
    "derived_key",
]
