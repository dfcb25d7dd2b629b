package dev.understudy.proxy.gateway;

import dev.understudy.pool.PoolId;
import dev.understudy.pool.RouteSpec;
import dev.understudy.proxy.filter.ChangeStep;
import dev.understudy.proxy.filter.HeaderFields;
import dev.understudy.proxy.filter.RequestFacts;
import dev.understudy.proxy.filter.SetMethod;
import dev.understudy.proxy.http.NormalTarget;
import java.net.URI;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.springframework.cloud.gateway.route.Route;
import org.springframework.cloud.gateway.support.ServerWebExchangeUtils;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.web.server.ServerWebExchange;

/** A request of the lane as conditions and values see it; an attribute of its exchange. */
final class GatewayFacts extends RequestFacts {
  private static final String ATTRIBUTE = GatewayFacts.class.getName();

  private final Fields fields;
  private final GatewayLaneRequest lane;

  /** The normalised target that conditions know of. */
  private URI known;

  private GatewayFacts(Fields fields, GatewayLaneRequest lane) {
    super(
        fields,
        lane.received.target(),
        lane.uri.getRawPath(),
        lane.received.client(),
        lane.received.tls(),
        lane.received.handshake());
    this.fields = fields;
    this.lane = lane;
    this.known = lane.uri;
  }

  /** The rules of a request as it is now, after other filters. */
  static GatewayFacts of(ServerWebExchange exchange) {
    GatewayFacts rules = exchange.getAttribute(ATTRIBUTE);
    if (rules == null) {
      rules = new GatewayFacts(new Fields(exchange), GatewayLaneRequest.of(exchange));
      exchange.getAttributes().put(ATTRIBUTE, rules);
    }
    rules.takeOver(exchange);
    return rules;
  }

  /** The rules of a request; null if no filter or predicate with a condition has met it yet. */
  static @Nullable GatewayFacts ifAny(ServerWebExchange exchange) {
    GatewayFacts rules = exchange.getAttribute(ATTRIBUTE);
    if (rules != null) {
      rules.takeOver(exchange);
    }
    return rules;
  }

  /** The pool that a filter has named; null if none has. */
  static @Nullable PoolId chosenPool(ServerWebExchange exchange) {
    GatewayFacts known = exchange.getAttribute(ATTRIBUTE);
    return known == null ? null : known.chosenPool();
  }

  /** The pool that the request would get now; null if none. */
  static @Nullable PoolId pool(ServerWebExchange exchange) {
    PoolId chosen = chosenPool(exchange);
    Route route = exchange.getAttribute(ServerWebExchangeUtils.GATEWAY_ROUTE_ATTR);
    if (chosen != null || route == null) {
      return chosen;
    }
    String host = route.getUri().getHost();
    return host != null && RouteSpec.POOL_SCHEME.equals(route.getUri().getScheme())
        ? new PoolId(host)
        : null;
  }

  private void takeOver(ServerWebExchange exchange) {
    fields.exchange = exchange;
    URI before = known;
    URI now = exchange.getRequest().getURI();
    known = now;
    if (!Objects.equals(before.getRawPath(), now.getRawPath())
        || !Objects.equals(before.getRawQuery(), now.getRawQuery())) {
      String query = now.getRawQuery();
      moved(now.getRawPath() + (query == null ? "" : "?" + query), now.getRawPath());
    }
  }

  /**
   * Makes a change.
   *
   * @return the exchange for the filters that follow; null if the request is to be refused with 400
   */
  @Nullable ServerWebExchange changed(ChangeStep change) {
    String before = target();
    if (!change.change(this)) {
      return null;
    }
    if (!target().equals(before)) {
      URI uri = fields.exchange.getRequest().getURI();
      URI next =
          URI.create(uri.getScheme() + "://" + uri.getRawAuthority() + NormalTarget.of(target()));
      known = next;
      fields.mutate(request -> request.uri(next));
    }
    if (change instanceof SetMethod) {
      HttpMethod method = HttpMethod.valueOf(sentMethod());
      fields.mutate(request -> request.method(method));
    }
    return fields.exchange;
  }

  @Override
  public String method() {
    return lane.http.method().name();
  }

  @Override
  public int usableServers(PoolId pool) {
    return lane.frontend.usableServers(pool);
  }

  @Override
  public String requestId() {
    return lane.received.id();
  }

  @Override
  public String pool() {
    PoolId pool = pool(fields.exchange);
    return pool == null ? "" : pool.value();
  }

  /** The fields of the exchange's request; each change makes another exchange. */
  private static final class Fields implements HeaderFields {
    private ServerWebExchange exchange;

    Fields(ServerWebExchange exchange) {
      this.exchange = exchange;
    }

    @Override
    public List<String> all(String name) {
      return exchange.getRequest().getHeaders().getOrEmpty(name);
    }

    @Override
    public void add(String name, String value) {
      change(headers -> headers.add(name, value));
    }

    @Override
    public void set(String name, List<String> values) {
      change(headers -> headers.put(name, values));
    }

    @Override
    public void remove(String name) {
      change(headers -> headers.remove(name));
    }

    private void change(Consumer<HttpHeaders> change) {
      mutate(request -> request.headers(change));
    }

    void mutate(Consumer<ServerHttpRequest.Builder> change) {
      exchange = exchange.mutate().request(change).build();
    }
  }
}
