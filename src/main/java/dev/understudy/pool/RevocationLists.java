package dev.understudy.pool;

import java.security.cert.X509CRL;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Lists of revoked certificates (RFC 5280 §5).
 *
 * @param lists in the order of their file; empty if revoked certificates are not looked up
 */
public record RevocationLists(List<X509CRL> lists) {
  public static final RevocationLists NONE = new RevocationLists(List.of());

  public RevocationLists {
    lists = List.copyOf(lists);
  }

  public boolean isEmpty() {
    return lists.isEmpty();
  }

  /** When the first of the lists should be replaced. */
  public Optional<Instant> firstEnd() {
    return lists.stream().map(each -> each.getNextUpdate().toInstant()).min(Instant::compareTo);
  }

  /** The lists that should have been replaced by then. */
  public Stream<X509CRL> expired(Instant now) {
    return lists.stream().filter(each -> !each.getNextUpdate().toInstant().isAfter(now));
  }

  /** Their count, as one list may name many thousands. */
  @Override
  public String toString() {
    return "RevocationLists[" + lists.size() + "]";
  }
}
