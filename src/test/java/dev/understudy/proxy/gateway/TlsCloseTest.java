package dev.understudy.proxy.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.testing.Await;
import dev.understudy.testing.Trusting;
import dev.understudy.traffic.RequestEnd;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import javax.net.ssl.SSLSocketFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Clients that end TLS in both directions and leave their TCP connection open. */
class TlsCloseTest extends LaneProtocolTable {
  /** The JDK's: BoringSSL does not report the client's user_canceled, which alone says so. */
  @Override
  String[] properties() {
    return new String[] {"understudy.tls.provider=jdk"};
  }

  @ParameterizedTest
  @EnumSource(names = {"EXPRESS_TLS", "GATEWAY_TLS"})
  void a_response_is_not_relayed_to_nobody(LaneProtocol way) throws Exception {
    start(way);
    master.script(
        call -> {
          call.write("HTTP/1.1 200 OK\r\n\r\nbegin");
          go.await();
          while (true) {
            call.write("more");
            Thread.onSpinWait();
          }
        });
    SSLSocketFactory sockets = Trusting.anonymous().getSocketFactory();
    try (Socket tcp = new Socket(InetAddress.getLoopbackAddress(), port);
        Socket tls = sockets.createSocket(tcp, "localhost", port, false)) {
      tls.getOutputStream()
          .write("GET / HTTP/1.1\r\nHost: h\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      assertThat(tls.getInputStream().read()).isEqualTo('H');
      tls.close();
      go.countDown();
      assertThat(seen.outcome().end()).isEqualTo(RequestEnd.CLIENT_GONE);
      Await.until("the server is left", () -> master.openConnections() == 0);
    }
  }
}
