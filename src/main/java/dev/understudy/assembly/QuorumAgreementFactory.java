package dev.understudy.assembly;

import dev.understudy.agreement.Agreement;
import dev.understudy.agreement.etcd.EtcdRegister;
import dev.understudy.agreement.etcd.EtcdSettings;
import dev.understudy.agreement.kubernetes.KubernetesRegister;
import dev.understudy.agreement.quorum.QuorumAgreement;
import dev.understudy.agreement.quorum.QuorumSettings;
import dev.understudy.agreement.register.Register;
import dev.understudy.pool.UpstreamTls;
import dev.understudy.settings.AgreementSettings;
import dev.understudy.settings.StaticSettings;
import io.netty.handler.ssl.SslContext;
import java.time.Instant;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.springframework.core.env.Environment;

/**
 * Creates the agreement with other replicas. A separate class, so that a standalone replica loads
 * none of it.
 */
final class QuorumAgreementFactory {
  private final AgreementSettings settings;
  private final String replica;
  private final Environment environment;
  private final Function<UpstreamTls, SslContext> tls;

  private QuorumAgreementFactory(
      AgreementSettings settings, Environment environment, Function<UpstreamTls, SslContext> tls) {
    this.settings = settings;
    this.replica = ReplicaName.of(settings, environment);
    this.environment = environment;
    this.tls = tls;
  }

  /**
   * Creates the agreement that the settings define, without starting it.
   *
   * @throws IllegalArgumentException if the settings cannot be used, with the setting's name
   */
  static Agreement of(
      StaticSettings all,
      Environment environment,
      Function<UpstreamTls, SslContext> tls,
      String incarnation,
      Instant now) {
    AgreementSettings settings = all.agreement();
    QuorumAgreementFactory shared = new QuorumAgreementFactory(settings, environment, tls);
    return new QuorumAgreement(
        shared.register(), shared.quorum(incarnation), RandomGenerator.getDefault(), now);
  }

  private QuorumSettings quorum(String incarnation) {
    String pod = settings.kubernetes().podUid();
    return new QuorumSettings(
        replica, incarnation, pod == null ? "" : pod, settings.renew(), settings.onLoss());
  }

  private Register register() {
    return switch (settings.mode()) {
      case KUBERNETES -> new KubernetesRegister(KubernetesAccess.of(settings, environment));
      case ETCD -> etcd(settings.etcd());
      case STANDALONE -> throw new IllegalStateException("no register");
    };
  }

  private Register etcd(AgreementSettings.Etcd etcd) {
    String prefix = etcd.prefix() == null ? "/" + settings.name() + "/" : etcd.prefix();
    EtcdSettings how =
        new EtcdSettings(
            etcd.urls(),
            prefix,
            etcd.username(),
            etcd.passwordFile(),
            EtcdSettings.DEFAULT_TIMEOUT,
            EtcdSettings.DEFAULT_VOTER_TTL);
    return new EtcdRegister(how, contexts(etcd.bundle()));
  }

  /**
   * Supplies the TLS context; null if no bundle is named. An unusable bundle fails now, not at the
   * first call.
   */
  private @Nullable Supplier<SslContext> contexts(@Nullable String bundle) {
    if (bundle == null) {
      return null;
    }
    UpstreamTls key = new UpstreamTls(bundle, null, true);
    try {
      var unused = tls.apply(key);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("understudy.agreement.etcd.bundle: " + e.getMessage(), e);
    }
    return () -> tls.apply(key);
  }
}
