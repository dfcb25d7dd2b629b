package dev.understudy.proxy.listener;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.ssl.NoSuchSslBundleException;

/** Names the missing SSL bundle at start-up, for settings that only Spring Boot reads. */
final class NoSuchBundleAnalyzer extends AbstractFailureAnalyzer<NoSuchSslBundleException> {
  @Override
  protected FailureAnalysis analyze(Throwable root, NoSuchSslBundleException cause) {
    return new FailureAnalysis(
        "There is no SSL bundle \"" + cause.getBundleName() + "\".",
        "Name one of spring.ssl.bundle.*, or add it there. The management port has the setting"
            + " management.server.ssl.bundle.",
        cause);
  }
}
