package dev.understudy.proxy.filter;

import dev.understudy.proxy.filter.EditHeader.How;
import dev.understudy.proxy.filter.EditHeader.Of;

/** The table of filters that are compiled; {@code FilterKind} has what the file knows of each. */
final class FilterTable {
  private FilterTable() {}

  static Step step(FilterSource source) throws NotCompilableException {
    return switch (source.kind()) {
      case PREFER_SERVER -> PreferServer.compile(source);
      case REDIRECT_TO_HTTPS -> RedirectToHttps.compile(source);
      case REDIRECT_TO_HOST -> RedirectToHost.compile(source);
      case STRICT_TRANSPORT_SECURITY -> StrictTransportSecurity.compile(source);
      case REQUIRE_WEB_SOCKET_UPGRADE -> RequireWebSocketUpgrade.compile(source);
      case DENY -> Deny.compile(source);
      case RESPOND -> Respond.compile(source);
      case BASIC_AUTH -> BasicAuth.compile(source);
      case FORWARD_AUTH -> ForwardAuthFilter.compile(source);
      case COMPRESS -> Compress.compile(source);
      case ALLOW_UPGRADE -> AllowUpgrade.compile(source);
      case RATE_LIMIT -> RateLimit.compile(source);
      case REDIRECT -> Redirect.compile(source);
      case REJECT -> Reject.compile(source);
      case TARPIT -> Tarpit.compile(source);
      case USE_POOL -> UsePool.compile(source);
      case SET_VARIABLE -> SetVariable.compile(source);
      case SET_PATH -> SetPath.compile(source);
      case SET_QUERY -> SetQuery.compile(source);
      case SET_HOST -> SetHost.compile(source);
      case SET_METHOD -> SetMethod.compile(source);
      case SET_STATUS -> SetStatus.compile(source);
      case REPLACE_REQUEST_HEADER -> ReplaceHeader.compile(source, Of.REQUEST);
      case REPLACE_RESPONSE_HEADER -> ReplaceHeader.compile(source, Of.RESPONSE);
      case ADD_REQUEST_HEADER -> EditHeader.compile(source, Of.REQUEST, How.ADD);
      case SET_REQUEST_HEADER -> EditHeader.compile(source, Of.REQUEST, How.SET);
      case REMOVE_REQUEST_HEADER -> EditHeader.compile(source, Of.REQUEST, How.REMOVE);
      case ADD_RESPONSE_HEADER -> EditHeader.compile(source, Of.RESPONSE, How.ADD);
      case SET_RESPONSE_HEADER -> EditHeader.compile(source, Of.RESPONSE, How.SET);
      case REMOVE_RESPONSE_HEADER -> EditHeader.compile(source, Of.RESPONSE, How.REMOVE);
      case STRIP_PREFIX -> StripPrefix.compile(source);
      case PREFIX_PATH -> PrefixPath.compile(source);
      case REWRITE_PATH -> RewritePath.compile(source);
      default -> throw source.notCompiled();
    };
  }
}
