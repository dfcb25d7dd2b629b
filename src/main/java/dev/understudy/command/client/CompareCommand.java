package dev.understudy.command.client;

import java.net.URI;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Sends the same requests to two proxies and prints in what their responses differ. */
@Command(
    name = "compare",
    description =
        "Sends the same requests to two proxies, such as HAProxy and Understudy on trial ports, and"
            + " prints in what their responses differ: status, header fields and body.",
    exitCodeListHeading = "%nExit status:%n",
    exitCodeList = {
      "0:The responses are alike.",
      "1:Responses differ.",
      "2:Wrong arguments or file, or nothing to compare: a proxy is not reachable, no request may"
          + " be sent, or none gets a response."
    })
final class CompareCommand implements Callable<Integer> {
  private static final int MOST_AT_A_TIME = 32;
  private static final int HIGHEST_RATE = 10_000;
  private static final int LONGEST_SECONDS = 600;
  private static final int LARGEST_BODY = 64 << 20;

  @Spec private CommandSpec spec;

  @Parameters(
      index = "0",
      paramLabel = "URL",
      description = "The first proxy: http://HOST:PORT or https://HOST:PORT.")
  private String first = "";

  @Parameters(index = "1", paramLabel = "URL", description = "The second proxy.")
  private String second = "";

  @Option(
      names = "--requests",
      required = true,
      paramLabel = "FILE",
      description = {
        "The requests: a line METHOD /path for each; indented lines 'Name: value' are its header",
        "fields, and those that begin with | its body. Lines of HAProxy's HTTP log are read too."
      })
  private Path requests = Path.of("");

  @Option(
      names = "--host",
      paramLabel = "HOST",
      description =
          "The field Host, and the name in TLS, for both. Default: host and port of the first URL.")
  private @Nullable String host;

  @Option(
      names = "--unsafe",
      description =
          "Sends requests of all methods: both proxies forward them, so each acts twice. Default:"
              + " GET, HEAD and OPTIONS only.")
  private boolean unsafe;

  @Option(
      names = "--ignore",
      paramLabel = "NAME",
      description = "A header field that is not compared. May be repeated.")
  private final List<String> ignored = new ArrayList<>();

  @Option(
      names = "--concurrency",
      paramLabel = "NUMBER",
      defaultValue = "4",
      description = "The most requests at a time, 1 to 32. Default: 4.")
  private int concurrency;

  @Option(
      names = "--rate",
      paramLabel = "NUMBER",
      defaultValue = "100",
      description = "The most requests in a second, 1 to 10000. Default: 100.")
  private int rate;

  @Option(
      names = "--timeout",
      paramLabel = "SECONDS",
      defaultValue = "10",
      description = "The longest time of a request, 1 to 600. Default: 10.")
  private int seconds;

  @Option(
      names = "--max-body",
      paramLabel = "BYTES",
      defaultValue = "1048576",
      description = "So much of each body is read and compared, 0 to 67108864. Default: 1048576.")
  private int largest;

  @Option(
      names = "--limit",
      paramLabel = "NUMBER",
      defaultValue = "100",
      description = "The most requests with differences that are listed. Default: 100.")
  private int limit;

  @Option(
      names = "--ca-file",
      paramLabel = "FILE",
      description =
          "Certificate authorities (PEM) to trust over https. Default: those that Java trusts.")
  private @Nullable Path caFile;

  @Option(names = "--insecure", description = "Trusts any certificate over https, for any name.")
  private boolean insecure;

  @Mixin private final OutputFormat output = new OutputFormat();

  @Override
  public Integer call() throws InterruptedException {
    require("--concurrency", concurrency, 1, MOST_AT_A_TIME);
    require("--rate", rate, 1, HIGHEST_RATE);
    require("--timeout", seconds, 1, LONGEST_SECONDS);
    require("--max-body", largest, 0, LARGEST_BODY);
    require("--limit", limit, 0, RequestsFile.MOST);
    URI one = ComparedProxy.url(first);
    URI other = ComparedProxy.url(second);
    if (host != null && !RequestsFile.isHost(host)) {
      throw ClientFailure.usage(
          "--host: expected a host, with or without a port, found '" + host + "'");
    }
    if (insecure && caFile != null) {
      throw ClientFailure.usage("expected --insecure or --ca-file, found both");
    }
    RequestsFile file = RequestsFile.read(requests);
    List<ComparedRequest> sent =
        file.requests().stream().filter(each -> unsafe || each.isSafe()).toList();
    int notSent = file.requests().size() - sent.size();
    if (sent.isEmpty()) {
      throw ClientFailure.usage(
          "--requests "
              + requests
              + ": expected a request of GET, HEAD or OPTIONS, found none; --unsafe sends others");
    }
    SSLSocketFactory trust = isSecured(one) || isSecured(other) ? trust() : null;
    ComparedProxy left = proxy(one, trust);
    ComparedProxy right = proxy(other, trust);
    Set<String> names =
        ignored.stream().map(each -> each.toLowerCase(Locale.ROOT)).collect(Collectors.toSet());
    String named = host == null ? ComparedProxy.authority(one) : host;
    ComparisonReport report =
        new ComparisonReport(
            one,
            other,
            new Comparison(left, right, named, names, concurrency, rate).run(sent),
            notSent,
            file.unreadable(),
            limit);
    if (output.json()) {
      spec.commandLine().getOut().print(report.json());
    } else {
      report.lines().forEach(spec.commandLine().getOut()::println);
    }
    spec.commandLine().getOut().flush();
    return report.status();
  }

  private static void require(String option, int value, int lowest, int highest) {
    if (value < lowest || value > highest) {
      throw ClientFailure.usage(
          "%s: expected a number from %d to %d, found %d"
              .formatted(option, lowest, highest, value));
    }
  }

  private static boolean isSecured(URI url) {
    return url.getScheme().equals("https");
  }

  private ComparedProxy proxy(URI url, @Nullable SSLSocketFactory trust) {
    return ComparedProxy.listening(
        url, isSecured(url) ? trust : null, !insecure, seconds * 1000, largest);
  }

  private SSLSocketFactory trust() {
    if (insecure) {
      return trustingAll();
    }
    return caFile == null
        ? (SSLSocketFactory) SSLSocketFactory.getDefault()
        : TrustedAuthorities.of(caFile);
  }

  private static SSLSocketFactory trustingAll() {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, new TrustManager[] {new TrustAll()}, null);
      return context.getSocketFactory();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  /** What {@code --insecure} asks for. */
  private static final class TrustAll implements X509TrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
