package dev.understudy.haproxy.translate;

import dev.understudy.haproxy.acl.Expression;
import dev.understudy.haproxy.report.Ledger;
import dev.understudy.haproxy.syntax.Statement;
import java.util.Optional;

/**
 * {@code unique-id-header}: the field in which servers get the request's id, under its own name.
 */
final class UniqueId {
  private UniqueId() {}

  /** The filter that sets the field; absent for one that is set anyway, or by no format. */
  static Optional<Filter> of(Ledger ledger, ProxySection front) {
    Optional<Statement> header = front.take("unique-id-header");
    if (header.isEmpty()) {
      return Optional.empty();
    }
    String name = header.get().word(1);
    if (!front.has("unique-id-format")) {
      ledger.notNeeded(header.get(), "there is no unique-id-format");
      return Optional.empty();
    }
    ledger.row(header.get(), "proxy", "unique-id-header");
    return name.equalsIgnoreCase("X-Request-Id")
        ? Optional.empty()
        : Optional.of(
            Filter.of(
                "SetRequestHeader",
                Expression.Constant.TRUE,
                header.get(),
                "name",
                name,
                "value",
                "{request-id}"));
  }
}
