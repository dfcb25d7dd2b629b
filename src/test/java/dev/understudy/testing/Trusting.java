package dev.understudy.testing;

import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.io.IOException;
import java.net.Socket;
import java.security.GeneralSecurityException;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;

/** TLS for clients that take any certificate. */
public final class Trusting {
  private static final SSLContext CONTEXT = context();

  private Trusting() {}

  private static SSLContext context() {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, InsecureTrustManagerFactory.INSTANCE.getTrustManagers(), null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }

  /** Puts TLS on a connection, and shakes hands. */
  public static Socket secure(Socket raw) throws IOException {
    SSLSocket socket =
        (SSLSocket) CONTEXT.getSocketFactory().createSocket(raw, "localhost", raw.getPort(), true);
    socket.startHandshake();
    return socket;
  }
}
