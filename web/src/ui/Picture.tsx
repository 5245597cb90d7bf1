import { type ImgHTMLAttributes, type ReactNode, useState } from 'react';

/** An image, or `otherwise` where the browser cannot draw what comes: a damaged file, or one that is no picture though its name says so. */
export function Picture({ otherwise, alt, src, ...rest }: ImgHTMLAttributes<HTMLImageElement> & { src: string; alt: string; otherwise: ReactNode }) {
  const [failed, setFailed] = useState<string>();
  return failed === src ? otherwise : <img {...rest} src={src} alt={alt} onError={() => setFailed(src)} />;
}
