package dev.understudy.proxy.filter;

import dev.understudy.pool.FilterCatalog;
import dev.understudy.pool.FilterKind;
import dev.understudy.pool.FilterKind.Trait;
import dev.understudy.proxy.filter.EditHeader.How;
import dev.understudy.proxy.filter.EditHeader.Of;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The table of filters, in the order of the reference: those that are compiled, each with its file,
 * and those of Spring Cloud Gateway that are left to it and need a row.
 */
public final class FilterTable implements FilterCatalog {
  /** Makes a step of a filter as written. */
  private interface Compiler {
    Step compile(FilterSource source) throws NotCompilableException;
  }

  private record Row(FilterKind kind, Compiler compiler) {}

  private static final List<Row> COMPILED =
      List.of(
          new Row(PreferServer.KIND, PreferServer::compile),
          new Row(RedirectToHttps.KIND, RedirectToHttps::compile),
          new Row(RedirectToHost.KIND, RedirectToHost::compile),
          new Row(StrictTransportSecurity.KIND, StrictTransportSecurity::compile),
          new Row(RequireWebSocketUpgrade.KIND, RequireWebSocketUpgrade::compile),
          new Row(Deny.KIND, Deny::compile),
          new Row(Respond.KIND, Respond::compile),
          new Row(BasicAuth.KIND, BasicAuth::compile),
          new Row(ForwardAuthFilter.KIND, ForwardAuthFilter::compile),
          new Row(Compress.KIND, Compress::compile),
          new Row(AllowUpgrade.KIND, AllowUpgrade::compile),
          new Row(RateLimit.KIND, RateLimit::compile),
          new Row(RetryBudget.KIND, RetryBudget::compile),
          new Row(Timeout.KIND, Timeout::compile),
          new Row(Redirect.KIND, Redirect::compile),
          new Row(Reject.KIND, Reject::compile),
          new Row(Tarpit.KIND, Tarpit::compile),
          new Row(UsePool.KIND, UsePool::compile),
          new Row(SetVariable.KIND, SetVariable::compile),
          new Row(SetQuery.KIND, SetQuery::compile),
          new Row(SetHost.KIND, SetHost::compile),
          new Row(SetMethod.KIND, SetMethod::compile),
          new Row(
              ReplaceHeader.REPLACE_REQUEST_HEADER,
              source -> ReplaceHeader.compile(source, Of.REQUEST)),
          new Row(
              ReplaceHeader.REPLACE_RESPONSE_HEADER,
              source -> ReplaceHeader.compile(source, Of.RESPONSE)),
          new Row(SetPath.KIND, SetPath::compile),
          new Row(SetStatus.KIND, SetStatus::compile),
          new Row(
              EditHeader.ADD_REQUEST_HEADER,
              source -> EditHeader.compile(source, Of.REQUEST, How.ADD)),
          new Row(
              EditHeader.ADD_RESPONSE_HEADER,
              source -> EditHeader.compile(source, Of.RESPONSE, How.ADD)),
          new Row(PrefixPath.KIND, PrefixPath::compile),
          new Row(
              EditHeader.REMOVE_REQUEST_HEADER,
              source -> EditHeader.compile(source, Of.REQUEST, How.REMOVE)),
          new Row(
              EditHeader.REMOVE_RESPONSE_HEADER,
              source -> EditHeader.compile(source, Of.RESPONSE, How.REMOVE)),
          new Row(RewritePath.KIND, RewritePath::compile),
          new Row(
              EditHeader.SET_REQUEST_HEADER,
              source -> EditHeader.compile(source, Of.REQUEST, How.SET)),
          new Row(
              EditHeader.SET_RESPONSE_HEADER,
              source -> EditHeader.compile(source, Of.RESPONSE, How.SET)),
          new Row(StripPrefix.KIND, StripPrefix::compile));

  private static final List<FilterKind> LEFT =
      List.of(
          FilterKind.gateway("AddRequestHeadersIfNotPresent"),
          FilterKind.gateway("AddRequestParameter", "name", "value").firstShown(),
          FilterKind.gateway("CacheRequestBody", "bodyClass").with(Trait.REQUIRED),
          FilterKind.gateway("CircuitBreaker").with(Trait.WITHOUT_LIBRARY),
          FilterKind.gateway("DedupeResponseHeader").with(Trait.SERVER_RESPONSE),
          FilterKind.gateway("FallbackHeaders").with(Trait.WITHOUT_LIBRARY),
          FilterKind.gateway("JsonToGrpc").with(Trait.WITHOUT_LIBRARY, Trait.OWN_ORDER),
          FilterKind.gateway("LocalResponseCache").with(Trait.WITHOUT_LIBRARY, Trait.OWN_ORDER),
          FilterKind.gateway("MapRequestHeader", "fromHeader", "toHeader")
              .with(Trait.REQUIRED)
              .shown()
              .naming(2),
          FilterKind.gateway("ModifyRequestBody").with(Trait.JAVA_ONLY),
          FilterKind.gateway("ModifyResponseBody").with(Trait.JAVA_ONLY, Trait.OWN_ORDER),
          FilterKind.gateway("RedirectTo", "status", "url")
              .with(Trait.REQUIRED, Trait.ENDING, Trait.GUARD)
              .firstShown(),
          FilterKind.gateway("RemoveJsonAttributesResponseBody").with(Trait.OWN_ORDER),
          FilterKind.gateway("RemoveRequestParameter", "name").shown(),
          FilterKind.gateway("RequestHeaderSize").with(Trait.GUARD).shown(),
          FilterKind.gateway("RequestHeaderToRequestUri", "name")
              .with(Trait.REQUIRED, Trait.OWN_ORDER)
              .naming(1),
          FilterKind.gateway("RequestRateLimiter").with(Trait.WITHOUT_LIBRARY),
          FilterKind.gateway("RequestSize").with(Trait.GUARD).shown(),
          FilterKind.gateway("RewriteLocationResponseHeader").with(Trait.SERVER_RESPONSE),
          FilterKind.gateway("RewriteRequestParameter", "name", "replacement")
              .with(Trait.REQUIRED)
              .firstShown(),
          FilterKind.gateway("RewriteResponseHeader", "name", "regexp", "replacement")
              .with(Trait.REQUIRED, Trait.SERVER_RESPONSE)
              .firstShown(),
          FilterKind.gateway("SecureHeaders").with(Trait.SERVER_RESPONSE),
          FilterKind.gateway("SetRequestHostHeader", "host").with(Trait.REQUIRED),
          FilterKind.gateway("SetRequestUri").with(Trait.OWN_ORDER),
          FilterKind.gateway("TokenRelay").with(Trait.WITHOUT_LIBRARY));

  private static final Map<FilterKind, Compiler> COMPILERS =
      COMPILED.stream().collect(Collectors.toUnmodifiableMap(Row::kind, Row::compiler));

  @Override
  public List<FilterKind> kinds() {
    return Stream.concat(COMPILED.stream().map(Row::kind), LEFT.stream()).toList();
  }

  static Step step(FilterSource source) throws NotCompilableException {
    Compiler compiler = COMPILERS.get(source.kind());
    if (compiler == null) {
      throw source.notCompiled();
    }
    return compiler.compile(source);
  }
}
