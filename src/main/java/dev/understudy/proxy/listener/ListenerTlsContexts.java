package dev.understudy.proxy.listener;

import dev.understudy.pool.CertifiedKey;
import dev.understudy.pool.Listener;
import dev.understudy.pool.ListenerTls;
import dev.understudy.pool.RevocationLists;
import dev.understudy.proxy.listener.CertificateInventory.Entry;
import dev.understudy.proxy.listener.CertificateInventory.Use;
import io.netty.handler.codec.http2.Http2SecurityUtil;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import java.security.GeneralSecurityException;
import java.security.cert.CertPathBuilder;
import java.security.cert.CertStore;
import java.security.cert.CollectionCertStoreParameters;
import java.security.cert.PKIXBuilderParameters;
import java.security.cert.PKIXRevocationChecker;
import java.security.cert.PKIXRevocationChecker.Option;
import java.security.cert.TrustAnchor;
import java.security.cert.X509CertSelector;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import javax.net.ssl.CertPathTrustManagerParameters;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.ssl.SslBundle;
import org.springframework.boot.ssl.SslBundles;

/**
 * Makes the TLS contexts of the dynamic file's listeners, those that relay TCP too. One context has
 * all certificates of a listener; {@link SniKeyManager} chooses by the client's server name, which
 * the session has afterwards ({@code ExtendedSSLSession.getRequestedServerNames}).
 *
 * <p>The cipher suites are those of Mozilla's "intermediate" list that have forward secrecy and
 * authenticated encryption ({@link Http2SecurityUtil#CIPHERS}), unless a bundle says otherwise.
 */
public final class ListenerTlsContexts {
  private static final Logger log = LoggerFactory.getLogger(ListenerTlsContexts.class);

  /** The two versions that both libraries have without those that RFC 8996 deprecates. */
  private static final List<String> VERSIONS = List.of("TLSv1.2", "TLSv1.3");

  private final SslBundles bundles;
  private final BundleFailureText faults;
  private final TlsLibrary library;
  private final TicketKeys tickets;

  /**
   * Those in use with a bundle; a change of what they are made of, such as a list, makes others.
   */
  private final Set<OfBundle> ofBundles = Collections.newSetFromMap(new WeakHashMap<>());

  private final Set<String> followed = ConcurrentHashMap.newKeySet();

  /**
   * @param http whether HTTP is served
   */
  private record Key(ListenerTls tls, boolean http) {}

  /** The newest context with the certificates of a bundle. */
  private static final class OfBundle implements Supplier<SslContext> {
    private final Key key;
    private volatile SslContext context;

    OfBundle(Key key, SslContext context) {
      this.key = key;
      this.context = context;
    }

    @Override
    public SslContext get() {
      return context;
    }
  }

  ListenerTlsContexts(
      SslBundles bundles, BundleFailureText faults, TlsLibrary library, TicketKeys tickets) {
    this.bundles = bundles;
    this.faults = faults;
    this.library = library;
    this.tickets = tickets;
  }

  /**
   * Supplies the newest context of a listener that ends TLS.
   *
   * @throws IllegalArgumentException if there can be no such context
   */
  Supplier<SslContext> of(Listener listener) {
    Key key = new Key(Objects.requireNonNull(listener.tls()), !listener.relaysTcp());
    String name = key.tls().bundle();
    if (name == null) {
      SslContext context = build(key, null);
      return () -> context;
    }
    OfBundle context = new OfBundle(key, build(key, bundle(name)));
    synchronized (ofBundles) {
      ofBundles.add(context);
    }
    if (followed.add(name)) {
      bundles.addBundleUpdateHandler(name, changed -> renew(name, changed));
    }
    return context;
  }

  private SslBundle bundle(String name) {
    try {
      SslBundle bundle = bundles.getBundle(name);
      KeyMatch.requireServer(bundle);
      return bundle;
    } catch (RuntimeException e) {
      throw new IllegalArgumentException(
          "expected " + BundleFailureText.USABLE + " (" + name + "): " + faults.words(name, e), e);
    }
  }

  private void renew(String name, SslBundle bundle) {
    List<OfBundle> inUse;
    synchronized (ofBundles) {
      inUse = List.copyOf(ofBundles);
    }
    for (OfBundle each : inUse) {
      if (name.equals(each.key.tls().bundle())) {
        try {
          KeyMatch.requireServer(bundle);
          each.context = build(each.key, bundle);
          log.info("TLS: bundle '{}' was reloaded", name);
        } catch (RuntimeException e) {
          faults.logUnusable(log, name, e);
        }
      }
    }
  }

  /** The certificates that the listener shows to clients now. */
  List<Entry> certificates(ListenerTls tls) {
    String name = tls.bundle();
    if (name != null) {
      List<X509Certificate> own = BundleCertificates.of(bundles.getBundle(name)).own();
      return Entry.of(name, Use.SERVER, List.of(), own);
    }
    return tls.keys().stream()
        .flatMap(
            key ->
                Entry.of(key.source(), Use.SERVER, List.of(), List.of(key.certificate())).stream())
        .toList();
  }

  private SslContext build(Key key, @Nullable SslBundle bundle) {
    ListenerTls tls = key.tls();
    List<CertifiedKey> keys =
        bundle == null ? tls.keys() : KeyMatch.keys(Objects.requireNonNull(tls.bundle()), bundle);
    return new ListenerContext(
            new SniKeyManager(keys, tls.strictNames()),
            keys,
            protocols(tls, bundle),
            bundle == null ? null : ciphers(bundle),
            Http2SecurityUtil.CIPHERS,
            clientAuth(tls.clientAuth()),
            trust(tls, bundle),
            authorities(tls, bundle),
            tls.revocations(),
            key.http() && tls.http2())
        .build(library, tickets);
  }

  private static @Nullable List<String> ciphers(SslBundle bundle) {
    String[] own = bundle.getOptions().getCiphers();
    return own == null ? null : List.of(own);
  }

  private static @Nullable TrustManagerFactory trust(ListenerTls tls, @Nullable SslBundle bundle) {
    if (!tls.revocations().isEmpty()) {
      return RevocationTrust.of(tls.clientAuthorities(), tls.revocations());
    }
    return bundle == null || !tls.clientAuthorities().isEmpty()
        ? null
        : bundle.getManagers().getTrustManagerFactory();
  }

  private static Collection<X509Certificate> authorities(
      ListenerTls tls, @Nullable SslBundle bundle) {
    return bundle == null
            || !tls.clientAuthorities().isEmpty()
            || tls.clientAuth() == ListenerTls.ClientAuth.NONE
        ? tls.clientAuthorities()
        : ListenerContext.authorities(bundle);
  }

  private static List<String> protocols(ListenerTls tls, @Nullable SslBundle bundle) {
    String[] own = bundle == null ? null : bundle.getOptions().getEnabledProtocols();
    List<String> allowed =
        VERSIONS.stream()
            .filter(version -> version.compareTo(tls.minVersion()) >= 0)
            .filter(version -> own == null || Arrays.asList(own).contains(version))
            .toList();
    if (allowed.isEmpty()) {
      throw new IllegalArgumentException(
          "expected a bundle that allows " + tls.minVersion() + " or newer");
    }
    return allowed;
  }

  private static ClientAuth clientAuth(ListenerTls.ClientAuth auth) {
    return switch (auth) {
      case NONE -> ClientAuth.NONE;
      case OPTIONAL -> ClientAuth.OPTIONAL;
      case REQUIRED -> ClientAuth.REQUIRE;
    };
  }

  /**
   * Trust in what authorities issued and did not revoke, as OpenSSL's with {@code
   * X509_V_FLAG_CRL_CHECK} and {@code X509_V_FLAG_CRL_CHECK_ALL}: each certificate of a chain, but
   * for the trusted one that ends it, needs a valid list of its issuer, and must not be in it.
   * Nothing is fetched: no OCSP, no distribution points.
   */
  private static final class RevocationTrust {
    private RevocationTrust() {}

    static TrustManagerFactory of(
        Collection<X509Certificate> authorities, RevocationLists revocations) {
      try {
        PKIXBuilderParameters parameters =
            new PKIXBuilderParameters(
                authorities.stream()
                    .map(each -> new TrustAnchor(each, null))
                    .collect(Collectors.toSet()),
                new X509CertSelector());
        parameters.addCertStore(
            CertStore.getInstance(
                "Collection", new CollectionCertStoreParameters(revocations.lists())));
        PKIXRevocationChecker checker =
            (PKIXRevocationChecker) CertPathBuilder.getInstance("PKIX").getRevocationChecker();
        checker.setOptions(EnumSet.of(Option.PREFER_CRLS, Option.NO_FALLBACK));
        parameters.addCertPathChecker(checker);
        TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
        factory.init(new CertPathTrustManagerParameters(parameters));
        return factory;
      } catch (GeneralSecurityException e) {
        throw new IllegalArgumentException(e.getMessage(), e);
      }
    }
  }
}
