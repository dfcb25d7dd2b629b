package dev.understudy.command.client;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import dev.understudy.testing.Certificates;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.KeyStore;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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

  private CommandRun routes(String scheme, String host, boolean trusting) {
    return CommandRun.at(
        scheme + "://" + host + ":" + replica.getAddress().getPort(),
        "routes",
        trusting ? new String[] {"--ca-file=" + certificates.authorityFile()} : new String[0]);
  }

  @Test
  void authority_of_the_ca_file_is_trusted() {
    CommandRun run = routes("https", "127.0.0.1", true);
    assertThat(run.err()).isEmpty();
    assertThat(run.status()).isZero();
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "without it the certificate is refused, https, 127.0.0.1, false, its certificate is not"
        + " trusted",
    "and the option named, https, 127.0.0.1, false, --ca-file",
    "a certificate for another name is refused, https, localhost, true, localhost",
    "plain http to a TLS port is explained, http, 127.0.0.1, false, ''"
  })
  void all_else_is_refused_in_one_line(
      String what, String scheme, String host, boolean trusting, String said) {
    CommandRun run = routes(scheme, host, trusting);
    assertThat(run.status()).isEqualTo(3);
    assertThat(run.err()).contains(said).hasLineCount(1);
  }
}
