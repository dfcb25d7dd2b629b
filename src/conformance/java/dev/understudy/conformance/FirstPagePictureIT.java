package dev.understudy.conformance;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.ColorScheme;
import com.microsoft.playwright.options.ReducedMotion;
import dev.understudy.conformance.console.Chromium;
import dev.understudy.scenario.ProxyProcess;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The picture of the README: the demo after its master was killed. With {@code
 * -Dunderstudy.generate=true} it is made anew. It carries the digest of the demo's page, so that it
 * is found when it has grown old.
 */
class FirstPagePictureIT {
  private static final Path PICTURE = Path.of(".github/demo.png");
  private static final Path PAGE = Path.of("src/main/resources/demo/index.html");

  /** Down to the cards of the two servers. */
  private static final int WIDTH = 1040;

  private static final int HEIGHT = 632;

  /** By then the strip of the last 60 seconds has something to show. */
  private static final String RESPONSES =
      "count => Number(document.querySelector('#responses').textContent.replace(/\\D/g, '')) >"
          + " count";

  /** The last chunk of a PNG: its length of 0, its type and the CRC of that. */
  private static final int END_LENGTH = 12;

  @TempDir private static Path folder;

  @Test
  void shows_the_demo_as_it_is_after_its_master_was_killed() throws Exception {
    byte[] seen;
    try (ProxyProcess proxy = ProxyProcess.startDemo(folder);
        Chromium chromium = new Chromium()) {
      seen = demoAfterKill(proxy, chromium.browser());
    }
    String digest =
        HexFormat.of()
            .formatHex(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(PAGE)));
    if (Boolean.getBoolean("understudy.generate")) {
      Files.write(PICTURE, withSource(seen, digest));
    }
    assertThat(new String(Files.readAllBytes(PICTURE), StandardCharsets.ISO_8859_1))
        .as("%s is of another %s: run this test with -Dunderstudy.generate=true", PICTURE, PAGE)
        .contains("Source\0" + digest);
  }

  private static byte[] demoAfterKill(ProxyProcess proxy, Browser browser) {
    Page page =
        browser.newPage(
            new Browser.NewPageOptions()
                .setViewportSize(WIDTH, HEIGHT)
                .setColorScheme(ColorScheme.LIGHT)
                .setReducedMotion(ReducedMotion.REDUCE));
    page.setDefaultTimeout(Chromium.PATIENCE_MILLIS);
    page.navigate("http://127.0.0.1:" + proxy.port() + "/");
    assertThat(page.locator("#who")).hasText("Master");
    page.waitForFunction(RESPONSES, 100);
    page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName("Kill the master")).click();
    assertThat(page.locator("#who")).hasText("Backup");
    assertThat(page.locator("#log")).containsText("1012");
    page.waitForFunction(RESPONSES, 200);
    assertThat(page.locator("#lost")).hasText("0");
    return page.screenshot();
  }

  /** The PNG with a text chunk (PNG, 11.3.3.2) before its end. */
  private static byte[] withSource(byte[] png, String digest) throws Exception {
    byte[] chunk = ("tEXtSource\0" + digest).getBytes(StandardCharsets.ISO_8859_1);
    CRC32 crc = new CRC32();
    crc.update(chunk);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    out.write(png, 0, png.length - END_LENGTH);
    out.writeInt(chunk.length - "tEXt".length());
    out.write(chunk);
    out.writeInt((int) crc.getValue());
    out.write(Arrays.copyOfRange(png, png.length - END_LENGTH, png.length));
    return bytes.toByteArray();
  }
}
