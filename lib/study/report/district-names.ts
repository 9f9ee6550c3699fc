import type { TextLanguage } from '../../domain/policy.ts';

/** Districts of Chengdu, the model city, by their codes (GB/T 2260). Others are shown by their code. */
const NAMES: Readonly<Record<number, Readonly<Record<TextLanguage, string>>>> = {
  510104: { en: 'Jinjiang', 'zh-CN': '锦江区' },
  510105: { en: 'Qingyang', 'zh-CN': '青羊区' },
  510106: { en: 'Jinniu', 'zh-CN': '金牛区' },
  510107: { en: 'Wuhou', 'zh-CN': '武侯区' },
  510108: { en: 'Chenghua', 'zh-CN': '成华区' },
  510112: { en: 'Longquanyi', 'zh-CN': '龙泉驿区' },
  510113: { en: 'Qingbaijiang', 'zh-CN': '青白江区' },
  510114: { en: 'Xindu', 'zh-CN': '新都区' },
  510115: { en: 'Wenjiang', 'zh-CN': '温江区' },
  510116: { en: 'Shuangliu', 'zh-CN': '双流区' },
  510117: { en: 'Pidu', 'zh-CN': '郫都区' },
  510118: { en: 'Xinjin', 'zh-CN': '新津区' },
  510121: { en: 'Jintang', 'zh-CN': '金堂县' },
  510129: { en: 'Dayi', 'zh-CN': '大邑县' },
  510131: { en: 'Pujiang', 'zh-CN': '蒲江县' },
  510181: { en: 'Dujiangyan', 'zh-CN': '都江堰市' },
  510182: { en: 'Pengzhou', 'zh-CN': '彭州市' },
  510183: { en: 'Qionglai', 'zh-CN': '邛崃市' },
  510184: { en: 'Chongzhou', 'zh-CN': '崇州市' },
  510185: { en: 'Jianyang', 'zh-CN': '简阳市' },
};

/** How a page calls a district; `unknown` for 0. */
export function districtName(district: number, language: TextLanguage, unknown: string): string {
  if (district === 0) return unknown;
  return NAMES[district]?.[language] ?? String(district);
}
