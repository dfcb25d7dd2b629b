package dev.understudy.proxy.gateway;

import dev.understudy.proxy.http.TrustedProxies;
import dev.understudy.testing.Extent;
import dev.understudy.testing.Lane;
import dev.understudy.testing.LaneTable;
import dev.understudy.testing.Protocol;
import dev.understudy.testing.RawClient;
import dev.understudy.testing.TestPools;
import dev.understudy.testing.TestServer;
import dev.understudy.traffic.RequestOutcome;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.Parameter;

/**
 * A table of tests that runs in each lane, in profile {@code full} over each protocol: as the
 * argument of the class, or of a row that is given to {@link #start(LaneProtocol, String...)}.
 */
@Tag(Extent.FULL)
abstract class LaneProtocolTable extends LaneTable {
  /** A client's fields that ask for a WebSocket. */
  static final String[] HANDSHAKE = {
    "Host: h",
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="
  };

  static final String ACCEPT = "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n";

  /** A server's consent to {@link #HANDSHAKE}. */
  static final String CONSENT =
      "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
          + ACCEPT
          + "\r\n";

  @Parameter LaneProtocol lane;

  /** What the row's servers wait for; open at its end at the latest. */
  final CountDownLatch go = new CountDownLatch(1);

  private String[] filters = {};
  private ApplicationLane running;

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

  @Override
  protected final Lane.Factory factory() {
    return setup ->
        running =
            new ApplicationLane(
                setup,
                lane.protocol(),
                lane.express() ? List.of("/**") : List.of(),
                List.of(properties()),
                filters);
  }

  /** Outcomes of the row's requests that no engine saw. */
  final List<RequestOutcome> localOutcomes() {
    return running.localOutcomes();
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

  @AfterEach
  final void servers_go_on() {
    go.countDown();
  }

  /** Does that once {@link #go} is open. */
  final TestServer.Script later(TestServer.Script script) {
    return call -> {
      go.await();
      script.respond(call);
    };
  }

  /** Sends each byte back, until the other side ends. */
  static void echo(TestServer.Call call) throws IOException {
    call.in().transferTo(call.socket().getOutputStream());
    call.close();
  }

  /** Reads a chunked body. */
  static String chunks(TestServer.Call call) throws IOException {
    StringBuilder text = new StringBuilder();
    for (String line = call.readLine(); !line.equals("0"); line = call.readLine()) {
      text.append(call.readLine());
    }
    return text.toString();
  }

  /** Reads the lines behind {@link #chunks}. */
  static List<String> trailers(TestServer.Call call) throws IOException {
    List<String> lines = new ArrayList<>();
    for (String line = call.readLine(); !line.isEmpty(); line = call.readLine()) {
      lines.add(line);
    }
    return lines;
  }

  /** Has the master read a chunked body; its trailers come there. */
  final List<String> trailersAtTheMaster() {
    List<String> trailers = new CopyOnWriteArrayList<>();
    master.script(
        call -> {
          chunks(call);
          trailers.addAll(trailers(call));
          call.write("HTTP/1.1 204 No\r\n\r\n");
          call.close();
        });
    return trailers;
  }

  static List<String> words(String text) {
    return List.of(text.strip().split("\\s+"));
  }
}
