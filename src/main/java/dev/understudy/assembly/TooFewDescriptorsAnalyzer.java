package dev.understudy.assembly;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Says at start-up that the process may open too few files. */
public final class TooFewDescriptorsAnalyzer
    extends AbstractFailureAnalyzer<FileDescriptorBudget.TooFewException> {
  @Override
  protected FailureAnalysis analyze(Throwable root, FileDescriptorBudget.TooFewException cause) {
    return new FailureAnalysis(
        "The limit of open files: " + cause.getMessage(),
        "Raise it: ulimit -n, LimitNOFILE of systemd, --ulimit nofile of the container.",
        cause);
  }
}
