package dev.understudy.command.client;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import dev.understudy.testing.Certificates;
import dev.understudy.testing.Extent;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.KeyStore;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A replica behind https, whose certificate an authority of one's own has issued. */
class TrustedAuthoritiesTest {
  @TempDir private Path folder;
  private Certificates certificates;
  private HttpsServer replica;

  @BeforeEach
  void start() throws Exception {
    certificates = new Certificates(folder);
    var issued = certificates.issue("replica", "replica.test");
    KeyStore keys = issued.toKeyStore(new char[0]);
    KeyManagerFactory managers =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    managers.init(keys, new char[0]);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(managers.getKeyManagers(), null, null);
    replica = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    replica.setHttpsConfigurator(new HttpsConfigurator(context));
    replica.createContext(
        "/api/routes",
        exchange -> {
          byte[] body = "[]".getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(200, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    replica.start();
  }

  @AfterEach
  void stop() {
    replica.stop(0);
  }

  private CommandRun routes(String scheme, String host, String... more) {
    return CommandRun.at(
        scheme + "://" + host + ":" + replica.getAddress().getPort(), "routes", more);
  }

  @Test
  void authority_of_the_ca_file_is_trusted() {
    CommandRun run = routes("https", "127.0.0.1", "--ca-file=" + certificates.authorityFile());
    assertThat(run.err()).isEmpty();
    assertThat(run.status()).isZero();
  }

  @Test
  void without_it_the_certificate_is_refused_and_the_option_named() {
    assertThat(routes("https", "127.0.0.1"))
        .returns(3, CommandRun::status)
        .extracting(CommandRun::err)
        .asString()
        .contains("its certificate is not trusted", "--ca-file")
        .hasLineCount(1);
  }

  @Tag(Extent.SLOW)
  @Test
  void a_certificate_for_another_name_is_refused() {
    assertThat(routes("https", "localhost", "--ca-file=" + certificates.authorityFile()))
        .returns(3, CommandRun::status)
        .extracting(CommandRun::err)
        .asString()
        .contains("localhost")
        .hasLineCount(1);
  }

  @Tag(Extent.SLOW)
  @Test
  void plain_http_to_a_tls_port_is_explained() {
    assertThat(routes("http", "127.0.0.1"))
        .returns(3, CommandRun::status)
        .extracting(CommandRun::err)
        .asString()
        .hasLineCount(1);
  }
}
