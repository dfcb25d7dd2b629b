package dev.understudy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.testing.PemAuthority;
import dev.understudy.testing.PemAuthority.Issued;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import java.nio.file.Path;
import java.security.cert.X509CRL;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** When the certificates of the dynamic file's listeners expire, as a metric. */
class CertificateMetricsTest {
  private static final PemAuthority AUTHORITY = new PemAuthority("CN=authority");

  @TempDir private Path folder;

  @Test
  void only_certificates_in_use_have_an_expiry() throws Exception {
    Issued web = write("web.pem");
    Issued relay = write("relay.pem");
    String http = "web: { port: 0, tls: { certificates: [web.pem] } }\n";
    X509CRL list = AUTHORITY.revoking();
    PemAuthority.write(folder.resolve("revoked.pem"), PemAuthority.pem(list));
    PemAuthority.write(folder.resolve("ca.pem"), AUTHORITY.pem());
    String tcp =
        "db: { port: 0, pool: t, tls: { certificates: [relay.pem],"
            + " client-auth: required, client-ca: ca.pem, crl: revoked.pem } }\n";
    try (ListeningProxy proxy =
        new ListeningProxy(folder, http + tcp, ListeningProxy.ROUTES, "server.port=-1")) {
      assertThat(ends(proxy))
          .isEqualTo(
              Map.of(
                  "web.pem server",
                  end(web),
                  "relay.pem server",
                  end(relay),
                  "revoked.pem crl",
                  (double) list.getNextUpdate().toInstant().getEpochSecond()));
      proxy.reload(http, ListeningProxy.ROUTES);
      assertThat(ends(proxy)).isEqualTo(Map.of("web.pem server", end(web)));
    }
  }

  private Issued write(String name) throws Exception {
    Issued issued = AUTHORITY.issue("CN=" + name, "EC", "a.test");
    PemAuthority.write(folder.resolve(name), issued.pem());
    return issued;
  }

  private static double end(Issued issued) {
    return issued.chain().getFirst().getNotAfter().toInstant().getEpochSecond();
  }

  /** By file and use. */
  private Map<String, Double> ends(ListeningProxy proxy) {
    Map<String, Double> ends = new TreeMap<>();
    for (MetricSnapshot metric : proxy.bean(PrometheusRegistry.class).scrape()) {
      if (metric
              .getMetadata()
              .getPrometheusName()
              .equals("understudy_certificate_expiry_timestamp_seconds")
          && metric instanceof GaugeSnapshot gauge) {
        gauge
            .getDataPoints()
            .forEach(
                each ->
                    ends.put(
                        Path.of(each.getLabels().get("certificate")).getFileName()
                            + " "
                            + each.getLabels().get("use"),
                        each.getValue()));
      }
    }
    return ends;
  }
}
