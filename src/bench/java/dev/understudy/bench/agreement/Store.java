package dev.understudy.bench.agreement;

import dev.understudy.agreement.register.Register;
import dev.understudy.agreement.register.RegisterEntry;
import dev.understudy.agreement.register.RegisterListing;
import java.util.concurrent.TimeUnit;

/** Where registers are. */
interface Store extends AutoCloseable {
  /** For people. */
  String description();

  /** The register of a replica, in an installation of that name. */
  Register open(String installation, String replica);

  /** Ends the processes that were started for it. */
  @Override
  void close() throws Exception;

  /** Removes all that an installation has left. */
  default void clear(String installation) throws Exception {
    try (Register register = open(installation, "cleaner")) {
      RegisterListing listing = register.list().get(1, TimeUnit.MINUTES);
      for (RegisterEntry entry : listing.entries()) {
        register.delete(entry.key(), entry.revision()).get(1, TimeUnit.MINUTES);
      }
    }
  }
}
