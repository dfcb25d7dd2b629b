package dev.understudy.proxy.gateway;

import dev.understudy.proxy.guard.Authenticator.Admitted;
import dev.understudy.proxy.guard.Authenticator.Refused;
import dev.understudy.proxy.guard.Authenticator.Verdict;
import dev.understudy.proxy.guard.Guards;
import dev.understudy.proxy.route.Step;
import dev.understudy.traffic.Limit;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.springframework.cloud.gateway.filter.GatewayFilter;
import org.springframework.cloud.gateway.filter.GatewayFilterChain;
import org.springframework.cloud.gateway.filter.factory.AbstractGatewayFilterFactory;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatusCode;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/**
 * {@code BasicAuth=FILE, REALM}: admits the users of that file by their passwords; see {@link
 * Step.BasicAuth}.
 */
public final class BasicAuthGatewayFilterFactory
    extends AbstractGatewayFilterFactory<BasicAuthGatewayFilterFactory.Config> {
  /** The arguments. */
  public static final class Config extends GuardArguments {
    public void setFile(String file) {
      set("file", file);
    }

    public void setRealm(String realm) {
      set("realm", realm);
    }

    public void setGroups(List<String> groups) {
      set("groups", String.join(",", groups));
    }

    public void setForward(String forward) {
      set("forward", forward);
    }
  }

  private final Guards guards;

  BasicAuthGatewayFilterFactory(Guards guards) {
    super(Config.class);
    this.guards = guards;
  }

  @Override
  public List<String> shortcutFieldOrder() {
    return Step.BasicAuth.ARGUMENTS;
  }

  @Override
  public GatewayFilter apply(Config config) {
    Step.BasicAuth auth = Step.BasicAuth.of(guards, config::text);
    return (exchange, chain) -> {
      LaneRequest request = LaneRequest.of(exchange);
      CompletableFuture<Verdict> verdict =
          auth.authenticator()
              .check(
                  authorization(exchange),
                  request
                      .door
                      .trusted()
                      .clientAddress(
                          request.received.client(),
                          () -> exchange.getRequest().getHeaders().getOrEmpty("x-forwarded-for")));
      if (verdict.isDone()) {
        return goOn(auth, verdict.join(), exchange, chain, request);
      }
      // Other requests may wait for the same result: one that ends must not cancel it.
      return Mono.fromFuture(verdict, true)
          .publishOn(Schedulers.fromExecutor(request.channel.eventLoop()))
          .flatMap(found -> goOn(auth, found, exchange, chain, request));
    };
  }

  private static List<String> authorization(ServerWebExchange exchange) {
    LaneRules rules = LaneRules.ifAny(exchange);
    return rules == null
        ? exchange.getRequest().getHeaders().getOrEmpty(HttpHeaders.AUTHORIZATION)
        : rules.everyForm(HttpHeaders.AUTHORIZATION);
  }

  private static Mono<Void> goOn(
      Step.BasicAuth auth,
      Verdict verdict,
      ServerWebExchange exchange,
      GatewayFilterChain chain,
      LaneRequest request) {
    return switch (verdict) {
      case Admitted admitted -> chain.filter(admitted(auth, admitted, exchange, request));
      case Refused refused -> {
        if (refused == Refused.BUSY) {
          request.door.listener().limited(Limit.PASSWORD_CHECKS);
          yield LocalResponses.write(exchange, request, HttpStatusCode.valueOf(503), 1);
        }
        yield LocalResponses.write(
            exchange,
            request,
            LocalResponses.error(exchange, request, HttpStatusCode.valueOf(401), 0)
                .with("www-authenticate", auth.authenticator().challenge()));
      }
    };
  }

  private static ServerWebExchange admitted(
      Step.BasicAuth auth, Admitted admitted, ServerWebExchange exchange, LaneRequest request) {
    String user = auth.forwardedUser(admitted);
    boolean others = request.userNamed && auth.keepsCredentials();
    request.userNamed |= user != null;
    return with(
        exchange,
        headers -> {
          if (!auth.keepsCredentials()) {
            headers.remove(HttpHeaders.AUTHORIZATION);
          }
          if (user != null) {
            headers.set(Step.BasicAuth.FORWARDED_USER, user);
          } else if (!others) {
            headers.remove(Step.BasicAuth.FORWARDED_USER);
          }
        });
  }

  /** A request that such a filter passes over, without a user's name that the client made up. */
  static ServerWebExchange passedOver(ServerWebExchange exchange) {
    return LaneRequest.of(exchange).userNamed
        ? exchange
        : with(exchange, headers -> headers.remove(Step.BasicAuth.FORWARDED_USER));
  }

  private static ServerWebExchange with(ServerWebExchange exchange, Consumer<HttpHeaders> change) {
    return exchange.mutate().request(request -> request.headers(change)).build();
  }
}
