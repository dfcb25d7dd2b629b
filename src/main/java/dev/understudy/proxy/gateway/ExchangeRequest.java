package dev.understudy.proxy.gateway;

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
import dev.understudy.proxy.http.ClientConnection;
import dev.understudy.proxy.http.ProxyRequest;
import dev.understudy.proxy.http.TrustedProxies;
import dev.understudy.proxy.http.UpgradeOffer;
import dev.understudy.proxy.http.UpgradeProtocols;
import dev.understudy.traffic.Limit;
import io.netty.channel.EventLoop;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;

/**
 * Spring's exchange as our own filters see it. What they want of the engine are attributes of the
 * exchange; each change of the request makes another exchange.
 */
final class ExchangeRequest implements RouteRequest {
  private static final String PREFERRED_SERVER = ExchangeRequest.class.getName() + ".server";
  private static final String COMPRESSION = ExchangeRequest.class.getName() + ".compression";
  private static final String UPGRADES = ExchangeRequest.class.getName() + ".upgrades";
  private static final String TRANSPORT_SECURITY = "Strict-Transport-Security";

  /** The compression of the response, and whether the client takes it. */
  private record Asked(Compression settings, boolean accepted) {}

  private final GatewayLaneRequest lane;
  private ServerWebExchange exchange;

  ExchangeRequest(ServerWebExchange exchange) {
    this.exchange = exchange;
    this.lane = GatewayLaneRequest.of(exchange);
  }

  /** The server that a filter prefers; null for none. */
  static @Nullable ServerId preferredServer(ServerWebExchange exchange) {
    return exchange.getAttribute(PREFERRED_SERVER);
  }

  /** What the request offers to its server to switch to; null for nothing. */
  static @Nullable UpgradeOffer upgrade(ServerWebExchange exchange, GatewayLaneRequest lane) {
    return UpgradeOffer.of(
        lane.received.version(), lane.headers(), exchange.getAttribute(UPGRADES));
  }

  /** Returns the client's side that compresses the response, if the route has the filter. */
  static Downstream compressing(
      Downstream client,
      ProxyRequest request,
      ServerWebExchange exchange,
      GatewayLaneRequest lane) {
    @Nullable Asked asked = exchange.getAttribute(COMPRESSION);
    return asked == null
        ? client
        : new CompressedDownstream(
            client, asked.settings(), asked.accepted(), request, lane.frontend.listener());
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
  public boolean isCompleteHandshake() {
    return lane.isCompleteHandshake();
  }

  @Override
  public String id() {
    return lane.received.id();
  }

  @Override
  public String sentId() {
    mutate(headers -> headers.set("X-Request-Id", id()));
    return id();
  }

  @Override
  public List<String> header(String name) {
    return exchange.getRequest().getHeaders().getOrEmpty(name);
  }

  @Override
  public void edit(Consumer<HeaderFields> change) {
    mutate(headers -> change.accept(new SpringFields(headers)));
  }

  private void mutate(Consumer<HttpHeaders> change) {
    exchange = exchange.mutate().request(request -> request.headers(change)).build();
  }

  @Override
  public Set<String> vouched() {
    return lane.vouched;
  }

  @Override
  public @Nullable RequestFacts knownFacts() {
    return GatewayFacts.ifAny(exchange);
  }

  @Override
  public RequestFacts facts() {
    return GatewayFacts.of(exchange);
  }

  @Override
  public boolean change(ChangeStep change) {
    ServerWebExchange next = GatewayFacts.of(exchange).changed(change);
    if (next == null) {
      return false;
    }
    exchange = next;
    return true;
  }

  @Override
  public void prefer(ServerId server) {
    exchange.getAttributes().put(PREFERRED_SERVER, server);
  }

  @Override
  public void allowUpgrade(UpgradeProtocols protocols) {
    exchange.getAttributes().put(UPGRADES, protocols);
  }

  @Override
  public void compress(Compression settings, boolean accepted) {
    exchange.getAttributes().put(COMPRESSION, new Asked(settings, accepted));
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
}
