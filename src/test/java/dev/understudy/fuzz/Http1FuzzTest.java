package dev.understudy.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.FuzzedProxy;
import dev.understudy.fuzz.Script.Segment;
import dev.understudy.testing.Extent;
import dev.understudy.testing.Rows;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

/**
 * Random and damaged HTTP/1 in both lanes. A failure names its seed; {@code -Dunderstudy.fuzz.seed}
 * plays it again, {@code -Dunderstudy.fuzz.cases} plays more.
 */
@Tag(Extent.FULL)
@Isolated("reads what is logged")
class Http1FuzzTest {
  @AutoClose private static StrictServer server;
  @AutoClose private static FuzzedProxy proxy;

  @BeforeAll
  static void start(@TempDir Path folder) throws Exception {
    server = new StrictServer();
    proxy = new FuzzedProxy(folder, false, server.port());
  }

  @Test
  void the_server_reads_what_was_counted_and_each_response_belongs_to_its_request()
      throws Exception {
    assertThat(FuzzSettings.failures(new Http1Fuzz(proxy, server, false), Extent.rounds(500)))
        .isEmpty();
  }

  /**
   * What it has found, or was found otherwise, so that it is played each time, in each lane:
   * whether it is to succeed, and its segments, divided by §, with ¶ for the end of a line.
   */
  @Rows(
      """
      # a broken chunk after a local response
      false | POST /LANE/redirect/a-ok/1 HTTP/1.1¶Host: h¶Transfer-Encoding: chunked¶¶§zz¶§NEXT
      # bytes that an old WebSocket draft took from the next request
      true | GET /LANE/plain/a-ok/1 HTTP/1.1¶Host: h¶UPGRADE¶Sec-WebSocket-Key1: 1 2¶Sec-WebSocket-Key2: 3 4¶¶NEXT
      # a request behind the one that was to be the last
      false | PUT /LANE/redirect/a-ok/1 HTTP/1.1¶Host: h¶Connection: close¶¶NEXT
      # a Host that one lane took and the other refused without a word
      false | GET /LANE/plain/a-ok/1 HTTP/1.1¶Host: [:]¶¶
      # a method with which no WebSocket is asked for
      false | BREW /LANE/guard/ws?a-ok/1 HTTP/1.1¶Host: h¶UPGRADE¶Sec-WebSocket-Key: x¶Sec-WebSocket-Version: 13¶¶
      """)
  void cases_found_once_stay_fixed(boolean clean, String segments) throws Exception {
    Http1Fuzz fuzz = new Http1Fuzz(proxy, server, false);
    // The first connection to the server is a slow one: a request may be late for its judgement.
    assertThat(fuzz.failure(script(true, "GET /e/plain/a-ok/0 HTTP/1.1¶Host: h¶¶"))).isNull();
    for (String lane : List.of("e", "g")) {
      assertThat(fuzz.failure(script(clean, segments.replace("LANE", lane)))).isNull();
    }
  }

  private static Script script(boolean clean, String segments) {
    String all =
        segments
            .replace("UPGRADE", "Upgrade: websocket¶Connection: Upgrade")
            .replace("NEXT", "GET /e/plain/a-ok/2 HTTP/1.1¶Host: h¶¶")
            .replace("¶", "\r\n");
    return new Script(
        0,
        Stream.of(all.split("§"))
            .map(text -> new Segment(StrictServer.ascii(text), Script.Wait.READ))
            .toList(),
        Script.End.READ,
        clean,
        false);
  }
}
