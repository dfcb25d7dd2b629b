package dev.understudy.proxy.tcp;

import static dev.understudy.proxy.tcp.Sockets.send;

import dev.understudy.pool.Listener;
import dev.understudy.pool.ListenerTls;
import dev.understudy.pool.PoolId;
import dev.understudy.proxy.listener.OwnKeys;
import dev.understudy.proxy.listener.TcpRig;
import dev.understudy.testing.TestPools;
import dev.understudy.testing.TestSettings;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;

/** Relayed connections of which TLS ends, or begins, here. */
abstract class RelayedTls extends Relayed {
  static final Listener TLS_ENDS = ending(TestPools.POOL, Map.of());

  static Listener ending(PoolId pool, Map<String, PoolId> names) {
    ListenerTls tls = TestSettings.tls("b");
    return TestSettings.listener("pg", "127.0.0.1", 0, pool, names, false, tls);
  }

  static SslContext context(SslProvider provider) throws Exception {
    X509Bundle own = OwnKeys.of(CertificateBuilder.Algorithm.ecp256);
    return SslContextBuilder.forServer(own.toKeyManagerFactory()).sslProvider(provider).build();
  }

  void start(TestPools.Builder pool, Listener listener, SslProvider provider) throws Exception {
    SslContext server = context(provider);
    SslContext trusting =
        SslContextBuilder.forClient().trustManager(InsecureTrustManagerFactory.INSTANCE).build();
    // A handshake takes long on a busy machine.
    Duration headerTimeout =
        listener.tls() == null ? Duration.ofMillis(400) : Duration.ofSeconds(20);
    rig =
        new TcpRig(
            transport, pool.start(), headerTimeout, any -> () -> server, any -> trusting, listener);
  }

  void start(Listener listener) throws Exception {
    start(alone(), listener, SslProvider.JDK);
  }

  /** A client that has begun TLS, which ends here, with a query. */
  SSLSocket asks(String... protocols) throws Exception {
    SSLSocket tls = closing(hello(connect(), null));
    if (protocols.length > 0) {
      tls.setEnabledProtocols(protocols);
    }
    tls.startHandshake();
    send(tls, "query");
    return tls;
  }

  static SSLSocket hello(Socket over, String name) throws Exception {
    SSLContext trusting = SSLContext.getInstance("TLS");
    trusting.init(null, InsecureTrustManagerFactory.INSTANCE.getTrustManagers(), null);
    SSLSocket socket =
        (SSLSocket)
            trusting.getSocketFactory().createSocket(over, "127.0.0.1", over.getPort(), true);
    if (name != null) {
      SSLParameters parameters = socket.getSSLParameters();
      parameters.setServerNames(List.of(new SNIHostName(name)));
      socket.setSSLParameters(parameters);
    }
    return socket;
  }
}
