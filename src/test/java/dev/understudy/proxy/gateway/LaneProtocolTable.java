package dev.understudy.proxy.gateway;

import dev.understudy.proxy.http.TrustedProxies;
import dev.understudy.testing.Extent;
import dev.understudy.testing.Lane;
import dev.understudy.testing.LaneTable;
import dev.understudy.testing.Protocol;
import dev.understudy.testing.RawClient;
import dev.understudy.testing.TestPools;
import dev.understudy.traffic.RequestOutcome;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.Parameter;

/**
 * A table of tests that runs in each lane, in profile {@code full} over each protocol: as the
 * argument of the class, or of a row that is given to {@link #start(LaneProtocol, String...)}.
 */
@Tag(Extent.FULL)
abstract class LaneProtocolTable extends LaneTable {
  @Parameter LaneProtocol lane;

  private String[] filters = {};

  static Stream<LaneProtocol> lanes() {
    return Extent.ends(all());
  }

  private static Stream<LaneProtocol> all() {
    return Stream.of(LaneProtocol.values());
  }

  static Stream<LaneProtocol> http1() {
    return Extent.ends(all().filter(lane -> !lane.isHttp2()));
  }

  static Stream<LaneProtocol> plain() {
    return all().filter(lane -> lane.protocol() == Protocol.HTTP_1_1);
  }

  static Stream<LaneProtocol> gateway() {
    return Extent.ends(all().filter(lane -> !lane.express()));
  }

  static Stream<LaneProtocol> http2() {
    return all().filter(LaneProtocol::isHttp2);
  }

  /** Properties of the application. */
  String[] properties() {
    return new String[0];
  }

  private ApplicationTable front() {
    return SharedApplications.get(lane.protocol().isSecure(), properties());
  }

  @Override
  protected final Lane.Factory factory() {
    return setup -> front().lane(setup, lane, filters);
  }

  /** Outcomes of the row's requests that no engine saw. */
  final List<RequestOutcome> localOutcomes() {
    return front().localOutcomes();
  }

  /** Starts in that lane a route with those filters, before two servers. */
  final void start(LaneProtocol row, String... filters) {
    start(row, two(), TrustedProxies.NONE, filters);
  }

  final void start(
      LaneProtocol row, TestPools.Builder pool, TrustedProxies trusted, String... filters) {
    lane = row;
    this.filters = filters;
    start(pool, null, trusted);
  }

  /** A new connection of HTTP/1. */
  final RawClient raw() {
    return (RawClient) client();
  }
}
