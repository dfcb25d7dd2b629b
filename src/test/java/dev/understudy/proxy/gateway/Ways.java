package dev.understudy.proxy.gateway;

import dev.understudy.proxy.http.TrustedProxies;
import dev.understudy.testing.Lane;
import dev.understudy.testing.LaneTable;
import dev.understudy.testing.Protocol;
import dev.understudy.testing.TestPools;
import dev.understudy.traffic.Outcome;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.io.TempDir;

/** A table whose rows have filters, and are run in both lanes over every protocol. */
abstract class Ways extends LaneTable {
  @TempDir static Path directory;

  private static final Map<Boolean, FrontTable> TABLES = new HashMap<>();

  private Lane.Factory factory;

  /** A lane over a protocol. */
  record Way(Protocol protocol, boolean express) {
    boolean isHttp2() {
      return protocol == Protocol.HTTP_2;
    }

    @Override
    public String toString() {
      return (express ? "express " : "gateway ") + protocol;
    }
  }

  static Stream<Way> ways() {
    return Stream.of(Protocol.values())
        .flatMap(protocol -> Stream.of(new Way(protocol, true), new Way(protocol, false)));
  }

  static Stream<Way> http1() {
    return ways().filter(way -> !way.isHttp2());
  }

  static Stream<Way> plain() {
    return ways().filter(way -> way.protocol() == Protocol.HTTP_1_1);
  }

  static Stream<Way> http2() {
    return ways().filter(Way::isHttp2);
  }

  @AfterAll
  static void stop() {
    TABLES.values().forEach(FrontTable::close);
    TABLES.clear();
  }

  /** What the applications of this table are started with. */
  String[] properties() {
    return new String[0];
  }

  private FrontTable table(boolean secure) {
    return TABLES.computeIfAbsent(
        secure,
        each -> {
          try {
            return new FrontTable(each ? Protocol.TLS : Protocol.HTTP_1_1, directory, properties());
          } catch (Exception e) {
            throw new AssertionError(e);
          }
        });
  }

  @Override
  protected Lane.Factory factory() {
    return factory;
  }

  /** How requests on that way ended that no engine saw. */
  final List<Outcome> answeredHere(Way way) {
    return table(way.protocol().isSecure()).answeredHere();
  }

  /** Starts in that lane a route with those filters, before two servers. */
  final void start(Way way, String... filters) {
    start(way, two(), TrustedProxies.NONE, filters);
  }

  final void start(Way way, TestPools.Builder pool, TrustedProxies trusted, String... filters) {
    factory =
        setup ->
            table(way.protocol().isSecure())
                .filtered(setup, way.protocol(), way.express(), filters);
    start(pool, null, trusted);
  }
}
