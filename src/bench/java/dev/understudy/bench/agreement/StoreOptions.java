package dev.understudy.bench.agreement;

import dev.understudy.agreement.etcd.EtcdRegister;
import dev.understudy.agreement.etcd.EtcdSettings;
import dev.understudy.agreement.kubernetes.KubernetesRegister;
import dev.understudy.agreement.register.Register;
import dev.understudy.kubernetes.KubernetesSettings;
import dev.understudy.kubernetes.KubernetesSettings.Given;
import dev.understudy.scenario.EtcdServer;
import dev.understudy.scenario.KubernetesApi;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which register the replicas meet in. */
final class StoreOptions {
  private static final String NAMESPACE = "bench";

  @Option(
      names = "--etcd",
      paramLabel = "URL",
      description = "an etcd that runs; without any of these options one is started")
  private @Nullable String etcd;

  @Option(
      names = "--api-server",
      description = "starts a kube-apiserver that src/conformance/kubernetes/build.sh has made")
  private boolean apiServer;

  @Option(
      names = "--kubernetes",
      paramLabel = "URL",
      description = "a Kubernetes API that runs, whose namespace has our Role")
  private @Nullable String kubernetes;

  @Option(names = "--namespace", description = "of the Leases in --kubernetes")
  private @Nullable String namespace;

  @Option(names = "--token-file", paramLabel = "FILE", description = "for --kubernetes")
  private @Nullable String tokenFile;

  @Option(names = "--ca-file", paramLabel = "FILE", description = "for --kubernetes")
  private @Nullable String caFile;

  /** The register's store, started in that folder if need be. */
  Store open(Path folder) throws Exception {
    if (kubernetes != null) {
      return new OfKubernetes(
          new Given(kubernetes, namespace, tokenFile, caFile), kubernetes, () -> {});
    }
    if (apiServer) {
      return started(folder);
    }
    if (etcd != null) {
      return new OfEtcd(etcd, etcd, () -> {});
    }
    EtcdServer server = EtcdServer.start(folder, "--unsafe-no-fsync");
    endWithUs(server);
    return new OfEtcd(server.url(), "etcd on this machine, without fsync", server);
  }

  private static void endWithUs(AutoCloseable process) {
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  try {
                    process.close();
                  } catch (Exception e) {
                    throw new IllegalStateException(e);
                  }
                }));
  }

  private static Store started(Path folder) throws Exception {
    KubernetesApi api = KubernetesApi.start(folder);
    endWithUs(api);
    api.createNamespace(NAMESPACE);
    api.grant(NAMESPACE);
    Given given =
        new Given(
            api.url(),
            NAMESPACE,
            api.tokenFile(KubernetesApi.PROXY).toString(),
            api.caFile().toString());
    return new OfKubernetes(
        given, "kube-apiserver on this machine, with an etcd without fsync", api);
  }

  private record OfEtcd(String url, String description, AutoCloseable process) implements Store {
    @Override
    public Register open(String installation, String replica) {
      String prefix = "/" + installation + "/";
      return new EtcdRegister(EtcdSettings.of(List.of(url), prefix), null);
    }

    @Override
    public void close() throws Exception {
      process.close();
    }
  }

  private record OfKubernetes(Given given, String description, AutoCloseable process)
      implements Store {
    @Override
    public Register open(String installation, String replica) {
      return new KubernetesRegister(
          KubernetesSettings.of(
              given,
              installation,
              replica,
              null,
              System::getenv,
              KubernetesSettings.SERVICE_ACCOUNT));
    }

    @Override
    public void close() throws Exception {
      process.close();
    }
  }
}
