package dev.understudy.haproxy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.haproxy.HaproxyImport.Imported;
import dev.understudy.testing.Rows;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Reports, and comments of the dynamic file, show lines without their secrets. */
class SourceSecretsTest {
  private static final String SECRET = "s3cr3t";

  @Rows(
      """
      stats auth admin:s3cr3t | stats auth ***
      http-request set-header Authorization s3cr3t | http-request set-header Authorization ***
      http-request set-header Authorization "Basic s3cr3t" if TRUE | http-request set-header Authorization *** if TRUE
      http-request set-header X-From "Bearer s3cr3t" | http-request set-header X-From ***
      http-request add-header X-Api-Key s3cr3t | http-request add-header X-Api-Key ***
      http-request set-header X-Token %[req.hdr(x-t)] | http-request set-header X-Token %[req.hdr(x-t)]
      http-request deny unless { req.hdr(x-api-key) -m str s3cr3t } | http-request deny unless { req.hdr(x-api-key) -m str *** }
      acl known url_param(token) s3cr3t s3cr3t2 | acl known url_param(token) *** ***
      option httpchk GET / HTTP/1.1\\r\\nX-Api-Key:\\ s3cr3t | option httpchk GET / ***
      http-check send meth GET uri /up hdr Authorization "Basic s3cr3t" | http-check send meth GET uri /up hdr Authorization ***
      tcp-check send AUTH\\ s3cr3t\\r\\n | tcp-check send ***
      redirect location https://bob:s3cr3t@example.com/ | redirect location ***
      http-request auth realm Basic if FALSE | http-request auth realm Basic if FALSE
      """)
  void a_line(String line, String shown) {
    HaproxyImport.Result result = Imports.of(Imports.front(line));
    assertThat(result.report()).contains(shown).doesNotContain(SECRET);
    assertThat(comments(result)).noneMatch(each -> each.contains(SECRET));
  }

  @Test
  void passwords_of_users_that_are_left_out() {
    Imported imported =
        Imports.good(
            "userlist staff\n  user a:b insecure-password s3cr3t\n  user c password s3cr3t\n"
                + Imports.front());
    assertThat(imported.report() + imported.yaml()).doesNotContain(SECRET);
    assertThat(imported.report()).contains("user c password ***");
  }

  private static List<String> comments(HaproxyImport.Result result) {
    return result instanceof Imported imported
        ? imported.yaml().lines().map(String::strip).filter(each -> each.startsWith("#")).toList()
        : List.of();
  }
}
