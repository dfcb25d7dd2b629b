package dev.understudy.proxy.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.proxy.http.TrustedProxies;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Names that a server may take for one of the proxy's own fields: none reaches a server, whoever
 * sends it.
 */
@ParameterizedClass
@MethodSource("lanes")
class LookAlikeFieldsTest extends LaneProtocolTable {
  private static final List<String> LOOK_ALIKES =
      words(
          """
          Understudy_Epoch UNDERSTUDY_EPOCH understudy_any Understudy.Epoch X_Forwarded_For
          X-Forwarded_For x_forwarded-proto X_Forwarded_User X_Forwarded_Client_Cert
          X.Forwarded.Host X_Real_IP X_Real-Ip X~Real~IP X_Request_Id Keep_Alive Proxy_Connection
          Proxy_Authorization Content_Length Transfer_Encoding HTTP2_Settings X_HTTP2_Stream_Id
          Sec_WebSocket_Key
          """);

  private static final List<String> OTHERS =
      List.of("x_forwarde", "x_token", "x_real", "forwarded_for", "under_study", "_");

  private String[] fields() {
    return Stream.concat(LOOK_ALIKES.stream(), OTHERS.stream())
        .map(name -> (lane.isHttp2() ? name.toLowerCase(Locale.ROOT) : name) + ": 9")
        .toArray(String[]::new);
  }

  private void assertOthersOnly() {
    List<String> names =
        master
            .calls()
            .getLast()
            .head()
            .lines()
            .skip(1)
            .map(line -> line.replaceFirst(":.*", "").toLowerCase(Locale.ROOT))
            .filter(name -> !name.matches("[a-z0-9-]*"))
            .toList();
    assertThat(names).containsExactlyInAnyOrderElementsOf(OTHERS);
    assertThat(master.calls().getLast().headers("content-length")).isNotEqualTo(List.of("9"));
  }

  @Test
  void a_look_alike_of_a_strangers_is_dropped() {
    start(lane);
    client().get("/", fields());
    assertOthersOnly();
    client().request("POST", "/", bytes(3), fields()).response();
    assertOthersOnly();
  }

  @Test
  void a_look_alike_of_a_trusted_proxys_is_dropped() {
    start(lane, two(), TrustedProxies.of(List.of("127.0.0.0/8")));
    client().get("/", fields());
    assertOthersOnly();
  }

  @Test
  void a_look_alike_among_other_fields_is_dropped() {
    start(lane);
    List<String> fields = new ArrayList<>(List.of(fields()));
    IntStream.range(0, 60).forEach(i -> fields.add("x-" + i + ": a"));
    client().get("/", fields.toArray(String[]::new));
    assertOthersOnly();
  }

  @Test
  void a_look_alike_in_trailers_is_dropped() {
    start(lane);
    List<String> trailers = trailersAtTheMaster();
    client().begin("POST", "/", -1).body("abc").end(fields()).response();
    assertThat(trailers)
        .extracting(line -> line.replaceFirst(":.*", "").toLowerCase(Locale.ROOT))
        .containsExactlyInAnyOrderElementsOf(OTHERS);
  }
}
