package dev.understudy.proxy.listener;

import dev.understudy.pool.RevocationLists;
import dev.understudy.proxy.frontend.ConnectionAdmission;
import dev.understudy.proxy.listener.CertificateInventory.Entry;
import dev.understudy.proxy.listener.CertificateInventory.Use;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.ssl.AbstractSniHandler;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SniCompletionEvent;
import io.netty.handler.ssl.SslContext;
import io.netty.util.AttributeKey;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.ssl.SslBundle;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.boot.ssl.SslOptions;
import org.springframework.boot.web.server.Ssl;
import org.springframework.boot.web.server.Ssl.ServerNameSslBundle;
import reactor.netty.http.server.HttpServer;
import reactor.netty.tcp.SslProvider;

/**
 * The certificates of the TLS listener by server name (RFC 6066 §3), from {@code server.ssl.*}.
 *
 * <p>As in Spring Boot; in addition {@code *.domain.com} matches every name with one more label
 * (RFC 6125 §6.4.3), and an exact name takes precedence. A changed bundle applies to the next
 * connection; if it is unusable, the old one stays.
 */
@SuppressWarnings("ReferenceEquality") // the same entry asks for the same certificates
final class ServerTls {
  private static final Logger log = LoggerFactory.getLogger(ServerTls.class);

  /** Stands for a bundle's name where {@code server.ssl} names a key store itself. */
  private static final String OWN_SETTINGS = "server.ssl";

  private final boolean http2;
  private final BundleFailureText faults;
  private final TlsLibrary library;
  private final TicketKeys tickets;
  private final ClientAuth clientAuth;
  private final Map<String, Served> byName = new ConcurrentHashMap<>();
  private volatile Served fallback;

  /**
   * The TLS settings of one server name.
   *
   * @param authorities the authorities of the client certificates that the name asks for; empty if
   *     it asks for none
   * @param certificates of the bundle
   */
  private record Served(
      SslProvider provider,
      Set<X509Certificate> authorities,
      String bundle,
      BundleCertificates certificates) {}

  /**
   * @param main the bundle of {@code server.ssl.bundle}, or of {@code server.ssl}'s own key store
   *     settings
   */
  ServerTls(
      Ssl ssl,
      boolean http2,
      SslBundle main,
      SslBundles bundles,
      BundleFailureText faults,
      TlsLibrary library,
      TicketKeys tickets) {
    this.http2 = http2;
    this.faults = faults;
    this.library = library;
    this.tickets = tickets;
    this.clientAuth =
        Ssl.ClientAuth.map(
            ssl.getClientAuth(), ClientAuth.NONE, ClientAuth.OPTIONAL, ClientAuth.REQUIRE);
    String name = ssl.getBundle() == null ? OWN_SETTINGS : ssl.getBundle();
    this.fallback = served(name, main);
    if (ssl.getBundle() != null) {
      bundles.addBundleUpdateHandler(
          ssl.getBundle(), bundle -> replace(name, () -> this.fallback = served(name, bundle)));
    }
    for (ServerNameSslBundle named : ssl.getServerNameBundles()) {
      String host = named.serverName().toLowerCase(Locale.ROOT);
      byName.put(host, served(named.bundle(), bundles.getBundle(named.bundle())));
      bundles.addBundleUpdateHandler(
          named.bundle(),
          bundle ->
              replace(named.bundle(), () -> byName.put(host, served(named.bundle(), bundle))));
    }
  }

  /** Sets up TLS; the client's server name is looked at only where names have bundles. */
  HttpServer apply(HttpServer server) {
    if (byName.isEmpty()) {
      SslContext current = new CurrentSslContext(() -> fallback.provider().getSslContext());
      return server.secure(spec -> spec.sslContext(current));
    }
    return server
        .secure(
            spec ->
                spec.sslContext(fallback.provider().getSslContext())
                    .setSniAsyncMappings(
                        (name, promise) -> promise.setSuccess(find(name).provider())))
        .doOnChannelInit(
            (observer, channel, address) -> {
              ClientHelloRecords.addBefore(channel.pipeline());
              ChosenName.addBehind(channel.pipeline(), this);
            });
  }

  /** The certificates that the next connections get, with the server names configured for them. */
  List<Entry> certificates() {
    List<Entry> all = new ArrayList<>(entries(fallback, List.of()));
    new TreeMap<>(byName).forEach((host, served) -> all.addAll(entries(served, List.of(host))));
    return all;
  }

  private static List<Entry> entries(Served served, List<String> names) {
    return Entry.of(served.bundle(), Use.SERVER, names, served.certificates().own());
  }

  /** Whether clients may be asked for certificates and server names have bundles of their own. */
  boolean asksByName() {
    return clientAuth != ClientAuth.NONE && !byName.isEmpty();
  }

  /** Implements {@link dev.understudy.proxy.frontend.Frontend.ServerNames#differ}. */
  boolean differ(Channel connection, String asked) {
    Served chosen = connection.attr(ChosenName.SERVED).get();
    Served there = chosen == null ? fallback : chosen;
    Served here = find(asked);
    return find(connection.attr(ConnectionAdmission.SERVER_NAME).get()) != here
        && !there.authorities().equals(here.authorities());
  }

  /**
   * @param name in lower case, as Netty gives it; null if the client sent none
   */
  private Served find(@Nullable String name) {
    if (name == null) {
      return fallback;
    }
    Served found = byName.get(name);
    if (found == null) {
      int dot = name.indexOf('.');
      found = dot < 0 ? null : byName.get("*" + name.substring(dot));
    }
    return found == null ? fallback : found;
  }

  private void replace(@Nullable String bundle, Runnable replacement) {
    try {
      replacement.run();
      log.info("TLS: bundle '{}' was reloaded", bundle);
    } catch (RuntimeException e) {
      faults.logUnusable(log, bundle, e);
    }
  }

  private Served served(String name, SslBundle bundle) {
    KeyMatch.requireServer(bundle);
    Set<X509Certificate> authorities =
        clientAuth == ClientAuth.NONE ? Set.of() : ListenerContext.authorities(bundle);
    return new Served(
        SslProvider.builder().sslContext(context(bundle, authorities)).build(),
        authorities,
        name,
        BundleCertificates.of(bundle));
  }

  private SslContext context(SslBundle bundle, Set<X509Certificate> authorities) {
    SslOptions options = bundle.getOptions();
    return new ListenerContext(
            KeyMatch.chooser(bundle),
            KeyMatch.keys("", bundle),
            TlsContextParts.optionValues(options.getEnabledProtocols()),
            TlsContextParts.optionValues(options.getCiphers()),
            null,
            clientAuth,
            bundle.getManagers().getTrustManagerFactory(),
            authorities,
            RevocationLists.NONE,
            http2)
        .build(library, tickets);
  }

  /**
   * Keeps the server name by which the certificates of a connection were chosen. The TLS library
   * may read another one from the same bytes: a name with letters beyond ASCII, or a list with more
   * than names of hosts.
   */
  private static final class ChosenName extends ChannelInboundHandlerAdapter {
    /** What the name had then: a reload since has not verified the client's certificate. */
    static final AttributeKey<@Nullable Served> SERVED =
        AttributeKey.valueOf(ChosenName.class, "served");

    private final ServerTls tls;

    private ChosenName(ServerTls tls) {
      this.tls = tls;
    }

    static void addBehind(ChannelPipeline pipeline, ServerTls tls) {
      ChannelHandlerContext names = pipeline.context(AbstractSniHandler.class);
      if (names != null) {
        pipeline.addAfter(names.name(), null, new ChosenName(tls));
      }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
      if (event instanceof SniCompletionEvent chosen) {
        String name = chosen.hostname();
        ctx.channel().attr(ConnectionAdmission.SERVER_NAME).set(name == null ? "" : name);
        ctx.channel().attr(SERVED).set(tls.find(name));
        ctx.pipeline().remove(this);
      }
      ctx.fireUserEventTriggered(event);
    }
  }
}
