package dev.understudy.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.FuzzedProxy;
import dev.understudy.fuzz.Script.Segment;
import dev.understudy.testing.Extent;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Random and damaged HTTP/1 in both lanes. A failure names its seed; {@code -Dunderstudy.fuzz.seed}
 * plays it again, {@code -Dunderstudy.fuzz.cases} plays more.
 */
@Tag(Extent.FULL)
@Isolated("reads what is logged")
class Http1FuzzTest {
  private static StrictServer server;
  private static FuzzedProxy proxy;

  @BeforeAll
  static void start(@TempDir Path folder) throws Exception {
    server = new StrictServer();
    proxy = new FuzzedProxy(folder, false, server.port());
  }

  @AfterAll
  static void stop() {
    proxy.close();
    server.close();
  }

  @Test
  void the_server_reads_what_was_counted_and_each_response_belongs_to_its_request()
      throws Exception {
    Campaign campaign = new Campaign();
    campaign.run(
        new Http1Fuzz(proxy, server, false),
        FuzzSettings.SEED,
        FuzzSettings.until(Extent.rounds(500), campaign));
    assertThat(campaign.failures().values()).isEmpty();
  }

  private static Arguments found(String what, String... segments) {
    return Arguments.of(what, false, List.of(segments));
  }

  private static Arguments clean(String what, String... segments) {
    return Arguments.of(what, true, List.of(segments));
  }

  static Stream<Arguments> found() {
    String after = "GET /e/plain/a-ok/2 HTTP/1.1\r\nHost: h\r\n\r\n";
    String chunked = " HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
    String webSocket = "Host: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n";
    return Stream.of("e", "g")
        .flatMap(
            lane ->
                Stream.of(
                    found(
                        "a broken chunk after a local response",
                        "POST /" + lane + "/redirect/a-ok/1" + chunked,
                        "zz\r\n",
                        after),
                    clean(
                        "bytes that an old WebSocket draft took from the next request",
                        "GET /"
                            + lane
                            + "/plain/a-ok/1 HTTP/1.1\r\n"
                            + webSocket
                            + "Sec-WebSocket-Key1: 1 2\r\nSec-WebSocket-Key2: 3 4\r\n\r\n"
                            + after),
                    found(
                        "a request behind the one that was to be the last",
                        "PUT /"
                            + lane
                            + "/redirect/a-ok/1 HTTP/1.1\r\nHost: h\r\n"
                            + "Connection: close\r\n\r\n"
                            + after),
                    found(
                        "a Host that one lane took and the other refused without a word",
                        "GET /" + lane + "/plain/a-ok/1 HTTP/1.1\r\nHost: [:]\r\n\r\n"),
                    found(
                        "a method with which no WebSocket is asked for",
                        "BREW /"
                            + lane
                            + "/guard/ws?a-ok/1 HTTP/1.1\r\n"
                            + webSocket
                            + "Sec-WebSocket-Key: x\r\nSec-WebSocket-Version: 13\r\n\r\n")));
  }

  /** What it has found, or was found otherwise, so that it is played each time. */
  @ParameterizedTest(name = "{0}")
  @MethodSource("found")
  void cases_found_once_stay_fixed(String what, boolean clean, List<String> segments)
      throws Exception {
    Http1Fuzz fuzz = new Http1Fuzz(proxy, server, false);
    // The first connection to the server is a slow one: a request may be late for its judgement.
    assertThat(
            fuzz.failure(script(true, List.of("GET /e/plain/a-ok/0 HTTP/1.1\r\nHost: h\r\n\r\n"))))
        .isNull();
    assertThat(fuzz.failure(script(clean, segments))).isNull();
  }

  private static Script script(boolean clean, List<String> segments) {
    List<Segment> all =
        segments.stream()
            .map(text -> new Segment(StrictServer.ascii(text), Script.Wait.READ))
            .toList();
    return new Script(0, all, Script.End.READ, clean, false);
  }
}
