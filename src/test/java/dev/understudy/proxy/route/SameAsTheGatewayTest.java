package dev.understudy.proxy.route;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.pool.PoolId;
import dev.understudy.pool.RoutePart;
import dev.understudy.pool.RouteSpec;
import dev.understudy.proxy.filter.EditHeader;
import dev.understudy.proxy.filter.NettyFields;
import dev.understudy.proxy.filter.Step;
import dev.understudy.proxy.http.NormalTarget;
import dev.understudy.testing.Extent;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import java.net.URI;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.springframework.cloud.gateway.filter.GatewayFilter;
import org.springframework.cloud.gateway.filter.GatewayFilterChain;
import org.springframework.cloud.gateway.filter.factory.AbstractGatewayFilterFactory.NameConfig;
import org.springframework.cloud.gateway.filter.factory.AbstractNameValueGatewayFilterFactory.NameValueConfig;
import org.springframework.cloud.gateway.filter.factory.AddRequestHeaderGatewayFilterFactory;
import org.springframework.cloud.gateway.filter.factory.AddResponseHeaderGatewayFilterFactory;
import org.springframework.cloud.gateway.filter.factory.PrefixPathGatewayFilterFactory;
import org.springframework.cloud.gateway.filter.factory.RemoveRequestHeaderGatewayFilterFactory;
import org.springframework.cloud.gateway.filter.factory.RemoveResponseHeaderGatewayFilterFactory;
import org.springframework.cloud.gateway.filter.factory.SetRequestHeaderGatewayFilterFactory;
import org.springframework.cloud.gateway.filter.factory.SetResponseHeaderGatewayFilterFactory;
import org.springframework.cloud.gateway.filter.factory.StripPrefixGatewayFilterFactory;
import org.springframework.mock.http.server.reactive.MockServerHttpRequest;
import org.springframework.mock.web.server.MockServerWebExchange;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;

/** Filters by chance, run by the Gateway's own classes and as steps: both do the same. */
@Tag(Extent.FULL)
class SameAsTheGatewayTest {
  private static final int ROUNDS = Extent.rounds(3000);
  private static final List<String> NAMES = List.of("X-A", "x-a", "X-B", "Set-Cookie");
  private static final List<String> VALUES = List.of("1", "2", "a b");
  private static final List<String> PATHS =
      List.of(
          "/",
          "/a",
          "/a/",
          "/a/b",
          "/a/b/c/",
          "//a//b",
          "/a//",
          "/a%20b/c",
          "/a;p=1/b;q",
          "///",
          "/a/b?x=/y",
          "/a?",
          "/%E2%82%AC/b",
          "/a/../b/c");

  private record Both(RoutePart part, GatewayFilter filter) {}

  private final Random random = new Random(7);

  private String one(List<String> values) {
    return values.get(random.nextInt(values.size()));
  }

  private static RoutePart part(String name, Object... values) {
    Map<String, String> args = new LinkedHashMap<>();
    for (Object value : values) {
      args.put("_genkey_" + args.size(), value.toString());
    }
    return new RoutePart(name, args);
  }

  private Both filter() {
    String name = one(NAMES);
    String value = one(VALUES);
    NameConfig named = new NameConfig();
    named.setName(name);
    NameValueConfig both = new NameValueConfig().setName(name).setValue(value);
    return switch (random.nextInt(8)) {
      case 0 ->
          new Both(
              part("AddRequestHeader", name, value),
              new AddRequestHeaderGatewayFilterFactory().apply(both));
      case 1 ->
          new Both(
              part("SetRequestHeader", name, value),
              new SetRequestHeaderGatewayFilterFactory().apply(both));
      case 2 ->
          new Both(
              part("RemoveRequestHeader", name),
              new RemoveRequestHeaderGatewayFilterFactory().apply(named));
      case 3 -> {
        boolean override = random.nextBoolean();
        var config = new AddResponseHeaderGatewayFilterFactory.Config().setOverride(override);
        config.setName(name).setValue(value);
        yield new Both(
            part("AddResponseHeader", name, value, override),
            new AddResponseHeaderGatewayFilterFactory().apply(config));
      }
      case 4 ->
          new Both(
              part("SetResponseHeader", name, value),
              new SetResponseHeaderGatewayFilterFactory().apply(both));
      case 5 ->
          new Both(
              part("RemoveResponseHeader", name),
              new RemoveResponseHeaderGatewayFilterFactory().apply(named));
      case 6 -> {
        int parts = random.nextInt(4);
        var config = new StripPrefixGatewayFilterFactory.Config();
        config.setParts(parts);
        yield new Both(
            part("StripPrefix", parts), new StripPrefixGatewayFilterFactory().apply(config));
      }
      default -> {
        String prefix = one(List.of("/p", "/p/q", "/p/", "/p-1/~q_2.x"));
        var config = new PrefixPathGatewayFilterFactory.Config();
        config.setPrefix(prefix);
        yield new Both(
            part("PrefixPath", prefix), new PrefixPathGatewayFilterFactory().apply(config));
      }
    };
  }

  @Test
  void filters_by_chance_do_to_path_and_headers_what_steps_do() {
    for (int i = 0; i < ROUNDS; i++) {
      List<Both> filters = new ArrayList<>();
      for (int j = random.nextInt(5); j >= 0; j--) {
        filters.add(filter());
      }
      check(filters, one(PATHS));
    }
  }

  private void check(List<Both> filters, String target) {
    String normal = NormalTarget.of(target);
    String path = normal.split("\\?", 2)[0];
    HttpHeaders sent = someHeaders();
    HttpHeaders answered = someHeaders();
    RouteSpec source =
        new RouteSpec(
            "r",
            "pool://p",
            0,
            List.of(part("Path", "/**")),
            filters.stream().map(Both::part).toList(),
            Map.of());
    RouteTable table = RouteCompiler.compile(List.of(source), List.of());
    CompiledRoute route = table.find(HttpMethod.GET, null, path);
    assertThat(route).as("%s", table.lanes()).isNotNull();

    ServerWebExchange exchange = exchange(normal, sent);
    ServerWebExchange left = run(filters, exchange, answered);

    URI uri = left.getRequest().getURI();
    boolean samePath = uri.getRawPath().equals(path);
    String query = target.contains("?") ? target.substring(target.indexOf('?')) : "";
    assertThat(route.target(target, path))
        .as("%s of %s", filters, target)
        .isEqualTo(
            samePath ? target : (uri.getRawPath().isEmpty() ? "/" : uri.getRawPath()) + query);
    for (Step step : route.steps()) {
      if (step instanceof EditHeader edit && edit.of() == EditHeader.Of.REQUEST) {
        edit.apply(new NettyFields(sent));
      }
    }
    route.responseEdits().forEach(edit -> edit.apply(new NettyFields(answered)));
    assertThat(plain(sent)).as("%s", filters).isEqualTo(plain(left.getRequest().getHeaders()));
    assertThat(plain(answered))
        .as("%s", filters)
        .isEqualTo(plain(exchange.getResponse().getHeaders()));
    assertThat(route.pool()).isEqualTo(new PoolId("p"));
  }

  private HttpHeaders someHeaders() {
    HttpHeaders headers = new DefaultHttpHeaders();
    for (int i = random.nextInt(4); i > 0; i--) {
      headers.add(one(NAMES), random.nextInt(4) == 0 ? "" : "old" + i);
    }
    return headers;
  }

  private static ServerWebExchange exchange(String target, HttpHeaders headers) {
    MockServerHttpRequest.BaseBuilder<?> request =
        MockServerHttpRequest.method(
            org.springframework.http.HttpMethod.GET, URI.create("http://any.test" + target));
    headers.forEach(entry -> request.header(entry.getKey(), entry.getValue()));
    return MockServerWebExchange.from(request.build());
  }

  /** The exchange as the last filter got it. */
  private static ServerWebExchange run(
      List<Both> filters, ServerWebExchange exchange, HttpHeaders response) {
    AtomicReference<ServerWebExchange> last = new AtomicReference<>();
    GatewayFilterChain chain =
        end -> {
          last.set(end);
          response.forEach(
              entry -> end.getResponse().getHeaders().add(entry.getKey(), entry.getValue()));
          return Mono.empty();
        };
    for (Both each : filters.reversed()) {
      GatewayFilterChain next = chain;
      chain = current -> each.filter().filter(current, next);
    }
    chain.filter(exchange).block();
    return last.get();
  }

  private static Map<String, List<String>> plain(HttpHeaders headers) {
    Map<String, List<String>> plain = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    headers.names().forEach(name -> plain.put(name, headers.getAll(name)));
    return plain;
  }

  private static Map<String, List<String>> plain(org.springframework.http.HttpHeaders headers) {
    Map<String, List<String>> plain = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    headers.forEach(plain::put);
    return plain;
  }
}
