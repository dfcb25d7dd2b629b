package dev.understudy.proxy.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.pool.ServerId;
import dev.understudy.pool.StickySettings.AfterFailback;
import dev.understudy.proxy.http.TrustedProxies;
import dev.understudy.testing.Response;
import dev.understudy.testing.TestClient;
import dev.understudy.testing.TestServer;
import dev.understudy.traffic.RequestEnd;
import dev.understudy.traffic.RequestOutcome;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests and responses as they are relayed: bodies, trailers, header fields. */
@ParameterizedClass
@MethodSource("lanes")
class ForwardingTest extends LaneProtocolTable {
  @Test
  void a_request_goes_to_the_serving_server_and_its_response_comes_back() {
    start(two());
    Response response = client().get("/x?y=%7C");
    assertThat(response.status()).isEqualTo(200);
    assertThat(response.body()).isEqualTo("master");
    assertThat(master.calls().get(0).line()).isEqualTo("GET /x?y=%7C HTTP/1.1");
    RequestOutcome outcome = seen.outcome();
    assertThat(outcome.end()).isEqualTo(RequestEnd.COMPLETED);
    assertThat(outcome.status()).isEqualTo(200);
    assertThat(outcome.server()).isEqualTo(new ServerId("a"));
    assertThat(outcome.attempts()).isEqualTo(1);
    assertThat(outcome.bytesOut()).isEqualTo(6);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 4096, 65_536, 65_537, 1_000_000})
  void a_body_of_any_size_arrives_as_it_was_sent(int size) {
    start(two());
    master.script(call -> call.reply(200, call.text()));
    byte[] body = bytes(size);
    Response response = client().request("PUT", "/", body).response();
    assertThat(response.reset()).isFalse();
    assertThat(response.body()).hasSize(size);
    assertThat(response.body()).isEqualTo(new String(body, StandardCharsets.UTF_8));
    assertThat(seen.outcome().bytesIn()).isEqualTo(size);
    assertThat(seen.outcome().bytesOut()).isEqualTo(size);
  }

  @Test
  void a_chunked_body_and_its_trailers_are_relayed_in_both_directions() {
    start(two());
    List<String> trailers = new CopyOnWriteArrayList<>();
    master.script(
        call -> {
          String text = chunks(call);
          trailers.addAll(trailers(call));
          call.write(
              "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                  + "3\r\n"
                  + text
                  + "\r\n0\r\nx-sum: 7\r\n\r\n");
          call.close();
        });
    Response response = client().begin("POST", "/", -1).body("abc").end("x-check: 9").response();
    assertThat(response.body()).isEqualTo("abc[x-sum: 7]");
    assertThat(trailers).containsExactly("x-check: 9");
  }

  @Test
  void responses_without_a_body_leave_the_connection_usable() {
    start(two());
    TestClient client = client();
    master.script(call -> call.write("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"));
    Response head = client.request("HEAD", "/").response("HEAD");
    assertThat(head.header("content-length")).isEqualTo("5");
    master.script(call -> call.write("HTTP/1.1 204 No\r\n\r\n"));
    Response none = client.get("/");
    assertThat(none.status()).isEqualTo(204);
    assertThat(none.header("transfer-encoding")).isNull();
    master.script(call -> call.write("HTTP/1.1 304 No\r\nContent-Length: 5\r\n\r\n"));
    Response unchanged = client.get("/");
    assertThat(unchanged.status()).isEqualTo(304);
    assertThat(unchanged.headers("content-length")).containsExactly("5");
    master.script(call -> call.reply(200, "end"));
    assertThat(client.get("/").body()).isEqualTo("end");
    assertThat(master.connections()).isEqualTo(1);
  }

  @Test
  void forwarding_fields_describe_the_connection_and_drop_those_of_an_untrusted_client() {
    start(two());
    client()
        .get(
            "/",
            "Host: h:81",
            "X-Forwarded-For: 6.6.6.6",
            "X-Forwarded-Proto: https",
            "X-Forwarded-Host: evil",
            "X-Forwarded-Port: 1",
            "Forwarded: for=6.6.6.6");
    TestServer.Call call = master.calls().get(0);
    assertThat(call.headers("x-forwarded-for")).containsExactly("127.0.0.1");
    assertThat(call.headers("x-forwarded-proto")).containsExactly(scheme());
    assertThat(call.headers("x-forwarded-host")).containsExactly("h:81");
    assertThat(call.headers("x-forwarded-port")).containsExactly("" + port);
    assertThat(call.headers("forwarded"))
        .containsExactly("for=127.0.0.1;host=\"h:81\";proto=" + scheme());
  }

  @Test
  void forwarding_fields_of_a_trusted_proxy_are_extended() {
    start(two().sticky(AfterFailback.KEEP), null, TrustedProxies.of(List.of("127.0.0.0/8")));
    Response response =
        client()
            .get(
                "/",
                "Host: h",
                "X-Forwarded-For: 192.0.2.1",
                "X-Forwarded-Proto: https",
                "X-Forwarded-Host: public.example",
                "X-Forwarded-Prefix: /app",
                "X-Forwarded-Ssl: on",
                "X-Real-IP: 192.0.2.1",
                "Forwarded: for=192.0.2.1");
    TestServer.Call call = master.calls().get(0);
    assertThat(call.headers("x-forwarded-for")).containsExactly("192.0.2.1, 127.0.0.1");
    assertThat(call.headers("x-forwarded-proto")).containsExactly("https");
    assertThat(call.headers("x-forwarded-host")).containsExactly("public.example");
    assertThat(call.headers("x-forwarded-prefix")).containsExactly("/app");
    assertThat(call.headers("x-forwarded-ssl")).containsExactly("on");
    assertThat(call.headers("x-real-ip")).containsExactly("192.0.2.1");
    assertThat(call.headers("forwarded"))
        .containsExactly("for=192.0.2.1, for=127.0.0.1;host=h;proto=" + scheme());
    assertThat(response.header("set-cookie")).endsWith("; Secure");
  }

  @Test
  void a_well_formed_request_id_is_kept_and_sent_in_both_directions() {
    start(two());
    Response kept = client().get("/", "X-Request-Id: abc-1._Z");
    assertThat(kept.header("x-request-id")).isEqualTo("abc-1._Z");
    assertThat(master.calls().get(0).headers("x-request-id")).containsExactly("abc-1._Z");
    Response made = client().get("/", "X-Request-Id: no good");
    assertThat(made.header("x-request-id")).matches("[A-Za-z0-9._-]{1,128}");
    assertThat(master.calls().get(1).header("x-request-id")).isEqualTo(made.header("x-request-id"));
  }

  @Test
  void connect_is_refused_with_405() {
    start(two());
    Response response = client().request("CONNECT", "h:443", "Host: h:443").response();
    assertThat(response.status()).isEqualTo(405);
    assertThat(response.header("allow")).contains("GET");
    assertThat(master.calls()).isEmpty();
  }
}
