package dev.understudy.proxy.gateway;

import dev.understudy.proxy.guard.Guards;
import dev.understudy.proxy.route.Step;
import dev.understudy.traffic.Limit;
import java.util.List;
import java.util.function.Function;
import org.springframework.cloud.gateway.filter.GatewayFilter;
import org.springframework.cloud.gateway.filter.factory.AbstractGatewayFilterFactory;
import org.springframework.http.HttpStatusCode;

/**
 * {@code RateLimit=100/10s, client-address}: refuses requests beyond that rate, counted by a key;
 * see {@link Step.RateLimit}.
 */
public final class RateLimitGatewayFilterFactory
    extends AbstractGatewayFilterFactory<RateLimitGatewayFilterFactory.Config> {
  /** The arguments. */
  public static final class Config extends GuardArguments {
    public void setRate(String rate) {
      set("rate", rate);
    }

    public void setRequests(String requests) {
      set("requests", requests);
    }

    public void setPeriod(String period) {
      set("period", period);
    }

    public void setKey(String key) {
      set("key", key);
    }

    public void setEntries(String entries) {
      set("entries", entries);
    }

    public void setStatus(String status) {
      set("status", status);
    }

    public void setTable(String table) {
      set("table", table);
    }
  }

  private final Guards guards;

  RateLimitGatewayFilterFactory(Guards guards) {
    super(Config.class);
    this.guards = guards;
  }

  @Override
  public List<String> shortcutFieldOrder() {
    return Step.RateLimit.ARGUMENTS;
  }

  @Override
  public GatewayFilter apply(Config config) {
    Step.RateLimit limit = Step.RateLimit.of(guards, config.getRouteId(), config::text);
    HttpStatusCode status = HttpStatusCode.valueOf(limit.status());
    return (exchange, chain) -> {
      LaneRequest request = LaneRequest.of(exchange);
      LaneRules rules = LaneRules.ifAny(exchange);
      Function<String, List<String>> headers =
          rules == null ? exchange.getRequest().getHeaders()::getOrEmpty : rules::anyForm;
      long wait = limit.limiter().count(request.received.client(), request.door.trusted(), headers);
      if (wait == 0) {
        return chain.filter(exchange);
      }
      request.door.listener().limited(Limit.REQUEST_RATE);
      return LocalResponses.write(exchange, request, status, wait);
    };
  }
}
