package dev.understudy.proxy.listener;

import dev.understudy.pool.TlsOffer;
import dev.understudy.pool.TrustedCertificates;
import dev.understudy.pool.UpstreamTls;
import dev.understudy.proxy.listener.CertificateInventory.Entry;
import dev.understudy.proxy.listener.CertificateInventory.Use;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.ssl.DelegatingSslContext;
import io.netty.handler.ssl.OpenSslSessionContext;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import io.netty.util.concurrent.Future;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.ssl.SslBundle;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.boot.ssl.SslOptions;

/**
 * The TLS contexts for https servers, for traffic and probes alike; each is created once, and again
 * when its bundle changes.
 *
 * <p>With {@code verify} the host name is checked too (RFC 9110 §4.3.4), against the name with
 * which the handler is created; without it neither certificate nor name is checked.
 */
public final class UpstreamTlsContexts implements Function<UpstreamTls, SslContext> {
  private static final Logger log = LoggerFactory.getLogger(UpstreamTlsContexts.class);

  private final SslBundles bundles;
  private final BundleFailureText faults;
  private final TlsLibrary library;
  private final Map<Key, SslContext> contexts = new ConcurrentHashMap<>();
  private final Set<String> followed = ConcurrentHashMap.newKeySet();
  private final Map<String, BundleCertificates> certificates = new ConcurrentHashMap<>();

  /** The parts of an offer on which a context depends; the server's name is not one. */
  private record Key(
      @Nullable String bundle,
      boolean verify,
      @Nullable TrustedCertificates trusted,
      List<String> protocols) {}

  /** Beyond it, contexts with certificates of objects are made anew: these come and go. */
  private static final int MOST_OF_OBJECTS = 4096;

  public UpstreamTlsContexts(SslBundles bundles, BundleFailureText faults, TlsLibrary library) {
    this.faults = faults;
    this.bundles = bundles;
    this.library = library;
  }

  /** Returns the context for connections without ALPN, as {@link #offering}. */
  @Override
  public SslContext apply(UpstreamTls tls) {
    return offering(TlsOffer.of(tls));
  }

  /**
   * Returns the context for an offer; cached after the first call.
   *
   * @throws IllegalArgumentException if the bundle is missing or unusable
   */
  public SslContext offering(TlsOffer offer) {
    UpstreamTls tls = offer.settings();
    Key key = new Key(tls.bundle(), tls.verify(), tls.trusted(), offer.protocols());
    SslContext known = contexts.get(key);
    if (known != null) {
      return known;
    }
    if (key.trusted() != null && contexts.size() >= MOST_OF_OBJECTS) {
      contexts.keySet().removeIf(each -> each.trusted() != null);
    }
    return contexts.computeIfAbsent(key, this::first);
  }

  private SslContext first(Key key) {
    String name = key.bundle();
    if (name == null) {
      return build(key, null);
    }
    try {
      SslBundle bundle = bundles.getBundle(name);
      SslContext context = build(key, bundle);
      certificates.put(name, BundleCertificates.of(bundle));
      if (followed.add(name)) {
        bundles.addBundleUpdateHandler(name, changed -> renew(name, changed));
      }
      return context;
    } catch (RuntimeException e) {
      throw new IllegalArgumentException(
          "expected "
              + BundleFailureText.USABLE
              + " (spring.ssl.bundle.*."
              + name
              + "): "
              + faults.words(name, e),
          e);
    }
  }

  private void renew(String name, SslBundle bundle) {
    for (Key key : List.copyOf(contexts.keySet())) {
      if (name.equals(key.bundle())) {
        try {
          contexts.put(key, build(key, bundle));
          certificates.put(name, BundleCertificates.of(bundle));
        } catch (RuntimeException e) {
          faults.logUnusable(log, name, e);
        }
      }
    }
  }

  /** The certificates of all bundles that connections to servers use. */
  List<Entry> certificates() {
    List<Entry> all = new ArrayList<>();
    new TreeMap<>(certificates)
        .forEach(
            (name, of) -> {
              all.addAll(Entry.of(name, Use.CLIENT, List.of(), of.own()));
              all.addAll(Entry.of(name, Use.UPSTREAM_TRUST, List.of(), of.trusted()));
            });
    return all;
  }

  private SslContext build(Key key, @Nullable SslBundle bundle) {
    TrustedCertificates trusted = key.trusted();
    SslProvider provider =
        trusted == null || NativeKeys.areVerifiable(trusted.certificates())
            ? provider(bundle)
            : SslProvider.JDK;
    SslContextBuilder builder = SslContextBuilder.forClient().sslProvider(provider);
    if (bundle != null) {
      KeyMatch.require(bundle);
      SslOptions options = bundle.getOptions();
      builder
          .trustManager(bundle.getManagers().getTrustManagerFactory())
          .keyManager(bundle.getManagers().getKeyManagerFactory())
          .protocols(options.getEnabledProtocols())
          .ciphers(SslOptions.asSet(options.getCiphers()));
    }
    if (trusted != null) {
      builder.trustManager(trusted.certificates().toArray(X509Certificate[]::new));
    }
    builder.endpointIdentificationAlgorithm(key.verify() ? "HTTPS" : null);
    if (!key.verify()) {
      builder.trustManager(InsecureTrustManagerFactory.INSTANCE);
    }
    if (!key.protocols().isEmpty()) {
      builder.applicationProtocolConfig(TlsContextParts.alpn(key.protocols()));
    }
    try {
      SslContext context = library.build(builder, provider);
      return context.sessionContext() instanceof OpenSslSessionContext
          ? HalfCloseSslContext.of(context)
          : new Canceled(context);
    } catch (SSLException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
  }

  private SslProvider provider(@Nullable SslBundle bundle) {
    if (bundle == null) {
      return library.provider(null, null);
    }
    SslOptions options = bundle.getOptions();
    return NativeKeys.areUsable(KeyMatch.keys("", bundle))
            && NativeKeys.areVerifiable(ListenerContext.authorities(bundle))
        ? library.provider(
            TlsContextParts.optionValues(options.getEnabledProtocols()),
            TlsContextParts.optionValues(options.getCiphers()))
        : SslProvider.JDK;
  }

  /**
   * A context of the JDK whose connections report a handshake that the peer canceled, by
   * user_canceled and close_notify (RFC 8446 §6.1), as failed. The JDK's engine only closes then,
   * which Netty (4.2.18) takes for the end of a successful handshake: a server that never showed a
   * certificate would count as reached, and as one that chose HTTP/1.1.
   */
  private static final class Canceled extends DelegatingSslContext {
    /** The cipher suite of an engine without a complete handshake, by {@link SSLEngine}. */
    private static final String NO_CIPHER_SUITE = "SSL_NULL_WITH_NULL_NULL";

    Canceled(SslContext context) {
      super(context);
    }

    @Override
    protected void initEngine(SSLEngine engine) {}

    @Override
    protected void initHandler(SslHandler handler) {
      super.initHandler(handler);
      handler
          .handshakeFuture()
          .addListener(
              (Future<Channel> handshake) -> {
                if (handshake.isSuccess() && isCanceled(handler)) {
                  ChannelPipeline pipeline = handshake.getNow().pipeline();
                  pipeline.addAfter(pipeline.context(handler).name(), null, new Failure());
                }
              });
    }

    private static boolean isCanceled(SslHandler handler) {
      return handler.engine().getSession().getCipherSuite().equals(NO_CIPHER_SUITE);
    }

    /** Turns the success, which Netty reports after this was added, into a failure. */
    private static final class Failure extends ChannelInboundHandlerAdapter {
      @Override
      public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        ctx.fireUserEventTriggered(
            event == SslHandshakeCompletionEvent.SUCCESS
                ? new SslHandshakeCompletionEvent(
                    new SSLHandshakeException("the server canceled the handshake"))
                : event);
      }
    }
  }
}
