package dev.understudy.discovery;

import dev.understudy.monitor.Endpoint;
import dev.understudy.pool.ServerTemplate;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What was told of the endpoints of one template's Service. On the client's loop alone. */
final class ServiceEndpoints {
  private static final Logger log = LoggerFactory.getLogger(ServiceEndpoints.class);

  private final ServerTemplate template;
  private final Consumer<List<Endpoint>> found;
  private @Nullable List<Endpoint> told;

  /** Of the endpoints that were told last. */
  private int port;

  private boolean portless;

  ServiceEndpoints(ServerTemplate template, Consumer<List<Endpoint>> found) {
    this.template = template;
    this.found = found;
  }

  /** Tells what slices and roles come to, if that is other than what was told. */
  void tell(Collection<Slice> slices, Map<String, PodRole> roles) {
    ServiceView view = ServiceView.of(slices, template.port(), port, roles);
    if (view.portless() && !portless) {
      log.warn(
          "{}: the endpoints of Service {} have {}{}",
          template.id(),
          template.address().host(),
          template.port().isEmpty()
              ? "several ports, or none: name one in the url"
              : "no TCP port named " + template.port(),
          port == 0 ? "" : "; port " + port + " stays in use meanwhile");
    }
    portless = view.portless();
    if (!view.endpoints().equals(told)) {
      told = view.endpoints();
      port = told.isEmpty() ? port : told.getFirst().port();
      found.accept(told);
    }
  }
}
