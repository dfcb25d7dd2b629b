package dev.understudy.proxy.gateway;

import dev.understudy.pool.PoolId;
import dev.understudy.pool.RouteSpec;
import dev.understudy.pool.ServerId;
import dev.understudy.proxy.compress.CompressedDownstream;
import dev.understudy.proxy.compress.Compression;
import dev.understudy.proxy.engine.Downstream;
import dev.understudy.proxy.engine.ExchangeFactory;
import dev.understudy.proxy.engine.LocalResponse;
import dev.understudy.proxy.filter.ChangeStep;
import dev.understudy.proxy.filter.HeaderFields;
import dev.understudy.proxy.filter.RequestFacts;
import dev.understudy.proxy.filter.RouteRequest;
import dev.understudy.proxy.filter.SetMethod;
import dev.understudy.proxy.http.ClientConnection;
import dev.understudy.proxy.http.NormalTarget;
import dev.understudy.proxy.http.ProxyRequest;
import dev.understudy.proxy.http.TrustedProxies;
import dev.understudy.proxy.http.UpgradeOffer;
import dev.understudy.proxy.http.UpgradeProtocols;
import dev.understudy.traffic.Limit;
import io.netty.channel.EventLoop;
import java.net.URI;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.springframework.cloud.gateway.route.Route;
import org.springframework.cloud.gateway.support.ServerWebExchangeUtils;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;

/**
 * A request of the lane as our own filters see it, an attribute of its exchange. Each change of the
 * request makes another exchange.
 */
final class ExchangeRequest implements RouteRequest {
  private static final String ATTRIBUTE = ExchangeRequest.class.getName();
  private static final String TRANSPORT_SECURITY = "Strict-Transport-Security";

  private final GatewayLaneRequest lane;
  private ServerWebExchange exchange;

  /** Null if no condition and no value of the request is asked for. */
  private @Nullable RequestFacts facts;

  /** The normalised target that {@link #facts} know of. */
  private URI known;

  private @Nullable ServerId preferred;
  private @Nullable UpgradeProtocols upgrades;
  private @Nullable Compression compression;
  private boolean acceptsGzip;

  private ExchangeRequest(ServerWebExchange exchange) {
    this.exchange = exchange;
    this.lane = GatewayLaneRequest.of(exchange);
    this.known = lane.uri;
  }

  /** The request of an exchange, as other filters have left it. */
  static ExchangeRequest of(ServerWebExchange exchange) {
    ExchangeRequest request = exchange.getAttribute(ATTRIBUTE);
    if (request == null) {
      request = new ExchangeRequest(exchange);
      exchange.getAttributes().put(ATTRIBUTE, request);
    }
    request.exchange = exchange;
    return request;
  }

  /** The server that a filter prefers; null for none. */
  @Nullable ServerId preferredServer() {
    return preferred;
  }

  /** What the request offers to its server to switch to; null for nothing. */
  @Nullable UpgradeOffer upgrade() {
    return UpgradeOffer.of(lane.received.version(), lane.headers(), upgrades);
  }

  /** Returns the client's side that compresses the response, if the route has the filter. */
  Downstream compressing(Downstream client, ProxyRequest request) {
    return compression == null
        ? client
        : new CompressedDownstream(
            client, compression, acceptsGzip, request, lane.frontend.listener());
  }

  /** The pool that a filter has named; null if none has. */
  @Nullable PoolId chosenPool() {
    return facts == null ? null : facts.chosenPool();
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

  @Override
  public int usableServers(PoolId pool) {
    return lane.frontend.usableServers(pool);
  }

  /** The exchange for the filters that follow. */
  ServerWebExchange exchange() {
    return exchange;
  }

  @Override
  public ClientConnection client() {
    return lane.received.client();
  }

  @Override
  public TrustedProxies trusted() {
    return lane.frontend.trusted();
  }

  @Override
  public boolean tls() {
    return lane.received.tls();
  }

  @Override
  public String method() {
    return lane.http.method().name();
  }

  @Override
  public @Nullable String host() {
    return lane.received.host();
  }

  @Override
  public String target() {
    return lane.received.target();
  }

  @Override
  public String path() {
    return lane.uri.getRawPath();
  }

  @Override
  public boolean isHandshake() {
    return lane.received.handshake();
  }

  @Override
  public boolean isCompleteHandshake() {
    return lane.isCompleteHandshake();
  }

  @Override
  public String id() {
    return lane.received.id();
  }

  @Override
  public String requestId() {
    return id();
  }

  @Override
  public List<String> header(String name) {
    return exchange.getRequest().getHeaders().getOrEmpty(name);
  }

  @Override
  public void edit(Consumer<HeaderFields> change) {
    mutate(request -> request.headers(headers -> change.accept(new SpringFields(headers))));
  }

  private void mutate(Consumer<ServerHttpRequest.Builder> change) {
    exchange = exchange.mutate().request(change).build();
  }

  @Override
  public Set<String> vouched() {
    return lane.vouched;
  }

  @Override
  public @Nullable RequestFacts knownFacts() {
    return facts == null ? null : facts();
  }

  /** The facts with the path and the query as filters of the Gateway have left them. */
  @Override
  public RequestFacts facts() {
    RequestFacts found = facts;
    if (found == null) {
      found = new RequestFacts(this, new ExchangeFields());
      facts = found;
    }
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
      HttpMethod method = HttpMethod.valueOf(all.sentMethod());
      mutate(request -> request.method(method));
    }
    return true;
  }

  @Override
  public void prefer(ServerId server) {
    preferred = server;
  }

  @Override
  public void allowUpgrade(UpgradeProtocols protocols) {
    upgrades = protocols;
  }

  @Override
  public void compress(Compression settings, boolean accepted) {
    compression = settings;
    acceptsGzip = accepted;
  }

  /**
   * Sets the field now for a 101, which is never committed, and again at the commit in place of a
   * server's own: only one is allowed (RFC 6797 §7.1), and the edge ends TLS.
   */
  @Override
  public void transportSecurity(String value) {
    if (tls()) {
      ServerHttpResponse response = exchange.getResponse();
      HttpHeaders headers = response.getHeaders();
      headers.set(TRANSPORT_SECURITY, value);
      response.beforeCommit(() -> Mono.fromRunnable(() -> headers.set(TRANSPORT_SECURITY, value)));
    }
  }

  @Override
  public void limited(Limit limit) {
    lane.frontend.listener().limited(limit);
  }

  @Override
  public LocalResponse error(int status, long retryAfter) {
    return LocalResponses.error(exchange, status, retryAfter);
  }

  @Override
  public ExchangeFactory engine() {
    return lane.frontend.engine();
  }

  @Override
  public EventLoop loop() {
    return lane.channel.eventLoop();
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
