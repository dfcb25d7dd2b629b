package dev.understudy.bench.soak;

import dev.understudy.scenario.HttpConnection;
import java.io.IOException;
import java.net.http.HttpClient;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;

/** The ways into the proxy. */
final class Frontends implements AutoCloseable {
  private final int port;
  private final int tlsPort;
  private final SSLContext tls;
  private final HttpClient webSockets = HttpClient.newHttpClient();

  /**
   * @param port plain
   * @param tlsPort with any certificate
   */
  Frontends(int port, int tlsPort) throws GeneralSecurityException {
    this.port = port;
    this.tlsPort = tlsPort;
    this.tls = SSLContext.getInstance("TLS");
    tls.init(null, new TrustManager[] {new Trusting()}, null);
  }

  int port() {
    return port;
  }

  HttpClient webSockets() {
    return webSockets;
  }

  HttpConnection plain() throws IOException {
    return new HttpConnection(port);
  }

  HttpConnection secure() throws IOException {
    return HttpConnection.over(tls.getSocketFactory().createSocket("127.0.0.1", tlsPort));
  }

  @Override
  public void close() {
    webSockets.shutdownNow();
  }

  /** Trusts any certificate: the proxy's was created a minute ago. */
  private static final class Trusting implements X509TrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
