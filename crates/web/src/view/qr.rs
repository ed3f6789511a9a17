//! A text as a square that a telephone reads, as SVG within the page: no request, no script, dark on white also at night, since many readers
//! fail on the inverse.

use fast_qr::{ECL, QRBuilder};
use std::fmt::Write as _;

/// The picture; `None` where the text is too long for one.
pub fn svg(text: &str, words: &str) -> Option<String> {
    const QUIET: usize = 4;
    let code = QRBuilder::new(text).ecl(ECL::M).build().ok()?;
    let side = code.size + 2 * QUIET;
    let mut path = String::new();
    for y in 0..code.size {
        let mut x = 0;
        while x < code.size {
            let length = (x..code.size).take_while(|x| code[y][*x].value()).count();
            if length > 0 {
                // Writing to a String cannot fail.
                let _ = write!(path, "M{} {}h{length}v1h-{length}z", x + QUIET, y + QUIET);
            }
            x += length.max(1);
        }
    }
    Some(format!(
        "<svg class=\"qr\" viewBox=\"0 0 {side} {side}\" role=\"img\" aria-label=\"{words}\" shape-rendering=\"crispEdges\">\
         <path fill=\"#fff\" d=\"M0 0h{side}v{side}H0z\"/><path fill=\"#000\" d=\"{path}\"/></svg>"
    ))
}

#[cfg(test)]
mod tests {
    use super::svg;

    #[test]
    fn a_square_with_its_three_eyes() {
        let picture = svg("otpauth://totp/Akidoko:F12K7QPX-02?secret=JBSWY3DPEHPK3PXP&issuer=Akidoko", "登録用の図").unwrap();
        // The upper edges of two eyes, seven wide, side by side; and that of the third.
        assert!(picture.contains("M4 4h7v1h-7z") && picture.matches("h7v1h-7z").count() >= 6, "{picture}");
        assert!(!picture.contains("style="));
        assert!(svg(&"x".repeat(5000), "").is_none());
    }
}
