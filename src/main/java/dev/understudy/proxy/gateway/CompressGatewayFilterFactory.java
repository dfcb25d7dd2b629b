package dev.understudy.proxy.gateway;

import dev.understudy.proxy.Downstream;
import dev.understudy.proxy.compress.CompressedDownstream;
import dev.understudy.proxy.compress.Compression;
import dev.understudy.proxy.http.ProxyRequest;
import dev.understudy.proxy.route.Step;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.cloud.gateway.filter.GatewayFilter;
import org.springframework.cloud.gateway.filter.factory.AbstractGatewayFilterFactory;
import org.springframework.http.HttpHeaders;
import org.springframework.web.server.ServerWebExchange;

/**
 * {@code Compress=text/html, text/css}: compresses servers' responses of these types with gzip; see
 * {@link Step.Compress}.
 */
public final class CompressGatewayFilterFactory
    extends AbstractGatewayFilterFactory<CompressGatewayFilterFactory.Config> {
  private static final String ATTRIBUTE = CompressGatewayFilterFactory.class.getName();

  /** The arguments. */
  public static final class Config extends GuardArguments {
    public void setTypes(List<String> types) {
      set("types", String.join(",", types));
    }

    public void setLevel(String level) {
      set("level", level);
    }

    public void setMinSize(String minSize) {
      set("min-size", minSize);
    }
  }

  /** What the filter found out about the request. */
  private record Asked(Compression settings, boolean accepted) {}

  public CompressGatewayFilterFactory() {
    super(Config.class);
  }

  @Override
  public List<String> shortcutFieldOrder() {
    return Compression.ARGUMENTS;
  }

  @Override
  public GatewayFilter apply(Config config) {
    Compression settings = new Step.Compress(Compression.of(config::text)).settings();
    return (exchange, chain) -> {
      boolean accepted =
          Compression.accepts(
              exchange
                  .getRequest()
                  .getHeaders()
                  .getOrDefault(HttpHeaders.ACCEPT_ENCODING, List.of()));
      exchange.getAttributes().put(ATTRIBUTE, new Asked(settings, accepted));
      return chain.filter(exchange);
    };
  }

  /** Returns the client's side that compresses the response, if the route has the filter. */
  static Downstream compressing(
      Downstream client, ProxyRequest request, ServerWebExchange exchange, LaneRequest lane) {
    @Nullable Asked asked = exchange.getAttribute(ATTRIBUTE);
    return asked == null
        ? client
        : CompressedDownstream.of(
            client, asked.settings(), asked.accepted(), request, lane.door.listener());
  }
}
