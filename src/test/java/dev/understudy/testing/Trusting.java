package dev.understudy.testing;

import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import io.netty.pkitesting.X509Bundle;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.List;
import java.util.stream.Stream;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;

/** TLS for clients that take any certificate. */
public final class Trusting {
  private static final SSLContext ANONYMOUS = context(null);
  private static final ThreadLocal<SSLContext> CONTEXT = ThreadLocal.withInitial(() -> ANONYMOUS);

  private Trusting() {}

  private static SSLContext context(KeyManager[] identity) {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(identity, InsecureTrustManagerFactory.INSTANCE.getTrustManagers(), null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }

  /** For clients of the JDK. */
  public static SSLContext anonymous() {
    return ANONYMOUS;
  }

  /** What was set is undone. */
  @FunctionalInterface
  public interface Undo extends AutoCloseable {
    @Override
    void close();
  }

  /** This thread's clients show that certificate to servers that ask for one. */
  public static Undo showing(X509Bundle certificate) throws Exception {
    CONTEXT.set(context(certificate.toKeyManagerFactory().getKeyManagers()));
    return CONTEXT::remove;
  }

  /** Puts TLS on a connection, and shakes hands. */
  public static Socket secure(Socket raw) throws IOException {
    return secure(raw, "localhost");
  }

  /**
   * The same.
   *
   * @param serverName that the client asks for
   * @param protocols that it offers (RFC 7301); none: it offers no choice
   */
  public static SSLSocket secure(Socket raw, String serverName, String... protocols)
      throws IOException {
    SSLSocket socket =
        (SSLSocket)
            CONTEXT.get().getSocketFactory().createSocket(raw, serverName, raw.getPort(), true);
    SSLParameters parameters = socket.getSSLParameters();
    parameters.setCipherSuites(
        Stream.of(parameters.getCipherSuites())
            .filter(suite -> !suite.startsWith("TLS_AES_"))
            .toArray(String[]::new));
    parameters.setServerNames(
        List.of(new SNIHostName(serverName.getBytes(StandardCharsets.UTF_8))));
    if (protocols.length > 0) {
      parameters.setApplicationProtocols(protocols);
    }
    socket.setSSLParameters(parameters);
    socket.startHandshake();
    return socket;
  }
}
