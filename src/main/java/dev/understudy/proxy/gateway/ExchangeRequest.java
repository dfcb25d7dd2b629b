package dev.understudy.proxy.gateway;

import dev.understudy.pool.PoolId;
import dev.understudy.pool.RouteSpec;
import dev.understudy.proxy.filter.ChangeStep;
import dev.understudy.proxy.filter.HeaderFields;
import dev.understudy.proxy.filter.RequestFacts;
import dev.understudy.proxy.filter.RouteRequest;
import dev.understudy.proxy.filter.SetMethod;
import dev.understudy.proxy.http.NormalTarget;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import java.net.URI;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.springframework.cloud.gateway.route.Route;
import org.springframework.cloud.gateway.support.ServerWebExchangeUtils;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;

/**
 * A request of the lane as our own filters see it, an attribute of its exchange. Each change of the
 * request makes another exchange.
 */
final class ExchangeRequest extends RouteRequest {
  private static final String ATTRIBUTE = ExchangeRequest.class.getName();
  private static final String TRANSPORT_SECURITY = "Strict-Transport-Security";

  private final GatewayLaneRequest lane;
  private ServerWebExchange exchange;

  /** The normalised target that {@link #facts()} know of. */
  private URI known;

  private ExchangeRequest(ServerWebExchange exchange, GatewayLaneRequest lane) {
    super(
        lane.frontend,
        lane.received.client(),
        lane.loop,
        lane.received.tls(),
        lane.received.host(),
        lane.received.target(),
        lane.uri().getRawPath(),
        lane.received.handshake());
    this.exchange = exchange;
    this.lane = lane;
    this.known = lane.uri();
  }

  /** The request of an exchange, as other filters have left it. */
  static ExchangeRequest of(ServerWebExchange exchange) {
    ExchangeRequest request = exchange.getAttribute(ATTRIBUTE);
    if (request == null) {
      request = new ExchangeRequest(exchange, GatewayLaneRequest.of(exchange));
      exchange.getAttributes().put(ATTRIBUTE, request);
    }
    request.exchange = exchange;
    return request;
  }

  @Override
  public @Nullable PoolId pool() {
    PoolId chosen = chosenPool();
    Route route = exchange.getAttribute(ServerWebExchangeUtils.GATEWAY_ROUTE_ATTR);
    if (chosen != null || route == null) {
      return chosen;
    }
    String host = route.getUri().getHost();
    return host != null && RouteSpec.POOL_SCHEME.equals(route.getUri().getScheme())
        ? new PoolId(host)
        : null;
  }

  /** The exchange for the filters that follow. */
  ServerWebExchange exchange() {
    return exchange;
  }

  @Override
  public HttpMethod method() {
    return lane.method();
  }

  @Override
  protected HttpHeaders received() {
    return lane.headers();
  }

  @Override
  public String id() {
    return lane.received.id();
  }

  @Override
  public List<String> header(String name) {
    return exchange.getRequest().getHeaders().getOrEmpty(name);
  }

  @Override
  public void edit(Consumer<HeaderFields> change) {
    mutate(
        request -> request.headers(headers -> change.accept(new StepFilter.SpringFields(headers))));
  }

  private void mutate(Consumer<ServerHttpRequest.Builder> change) {
    exchange = exchange.mutate().request(change).build();
  }

  @Override
  protected HeaderFields fields() {
    return new ExchangeFields();
  }

  @Override
  public @Nullable RequestFacts knownFacts() {
    RequestFacts found = super.knownFacts();
    return found == null ? null : followed(found);
  }

  @Override
  public RequestFacts facts() {
    return followed(super.facts());
  }

  /** Takes the path and the query as filters of the Gateway have left them. */
  private RequestFacts followed(RequestFacts found) {
    URI before = known;
    URI now = exchange.getRequest().getURI();
    known = now;
    if (!Objects.equals(before.getRawPath(), now.getRawPath())
        || !Objects.equals(before.getRawQuery(), now.getRawQuery())) {
      String query = now.getRawQuery();
      found.moved(now.getRawPath() + (query == null ? "" : "?" + query), now.getRawPath());
    }
    return found;
  }

  @Override
  public boolean change(ChangeStep change) {
    RequestFacts all = facts();
    String before = all.target();
    if (!change.change(all)) {
      return false;
    }
    if (!all.target().equals(before)) {
      URI uri = exchange.getRequest().getURI();
      URI next =
          URI.create(
              uri.getScheme() + "://" + uri.getRawAuthority() + NormalTarget.of(all.target()));
      known = next;
      mutate(request -> request.uri(next));
    }
    if (change instanceof SetMethod) {
      String method = all.sentMethod();
      mutate(request -> request.method(org.springframework.http.HttpMethod.valueOf(method)));
    }
    return true;
  }

  /**
   * Sets the field now for a 101, which is never committed, and again at the commit in place of a
   * server's own: only one is allowed (RFC 6797 §7.1), and the edge ends TLS.
   */
  @Override
  public void transportSecurity(String value) {
    if (tls()) {
      ServerHttpResponse response = exchange.getResponse();
      var headers = response.getHeaders();
      headers.set(TRANSPORT_SECURITY, value);
      response.beforeCommit(() -> Mono.fromRunnable(() -> headers.set(TRANSPORT_SECURITY, value)));
    }
  }

  /** The fields of the exchange's request; each change makes another exchange. */
  private final class ExchangeFields implements HeaderFields {
    @Override
    public List<String> all(String name) {
      return header(name);
    }

    @Override
    public void add(String name, String value) {
      edit(fields -> fields.add(name, value));
    }

    @Override
    public void set(String name, List<String> values) {
      edit(fields -> fields.set(name, values));
    }

    @Override
    public void remove(String name) {
      edit(fields -> fields.remove(name));
    }
  }
}
