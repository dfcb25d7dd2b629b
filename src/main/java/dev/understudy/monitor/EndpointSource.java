package dev.understudy.monitor;

import dev.understudy.pool.ServerTemplate;
import java.util.List;
import java.util.function.Consumer;

/** Follows the endpoints of Services of a cluster. */
public interface EndpointSource {
  /** Without a cluster: never finds any. */
  EndpointSource NONE = (template, found) -> () -> {};

  /**
   * Begins to follow the endpoints of a template's Service.
   *
   * @param found called with all of them once they are known, and again after each change, on a
   *     thread of the source's own; not called while they cannot be learned
   * @return ends it
   */
  Runnable follow(ServerTemplate template, Consumer<List<Endpoint>> found);
}
